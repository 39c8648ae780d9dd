"""The engine: what is looked at, what silences, what fails, and in which order it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.check.engine import CheckResult, Options, check_tree
from bot.errors import UsageError
from bot.model.finding import Severity
from tests.data.check.trees import lay

_BAD = """services:
  web:
    image: nginx:1.27
    healthcheck:
      test: ["CMD", "wget", "http://localhost/"]
      start_period: 5s
"""
_HC03 = Options(select=("healthcheck-localhost",))


def _check(root: Path, options: Options = _HC03, **files: str) -> CheckResult:
    lay(root, {"src/docker-compose.yml": _BAD, **files})
    return check_tree(root, options)


def _config(text: str) -> dict[str, str]:
    return {".github/groundwork.yml": text}


def test_a_finding_points_at_the_word_to_change(tmp_path: Path) -> None:
    (finding,) = _check(tmp_path).findings
    assert (finding.path, finding.line, finding.column) == ("src/docker-compose.yml", 5, 37)
    assert (finding.end_line, finding.end_column) == (5, 46)


@pytest.mark.parametrize("word", ["healthcheck-localhost", "HC03", "hc03", "HC"])
def test_rules_are_chosen_by_name_code_or_letters(tmp_path: Path, word: str) -> None:
    assert "healthcheck-localhost" in {f.rule for f in _check(tmp_path, Options(select=(word,))).findings}
    assert "healthcheck-localhost" not in {f.rule for f in _check(tmp_path, Options(ignore=(word,))).findings}


def test_a_rule_that_does_not_exist_is_an_error_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="healthcheck-localhots") as caught:
        _check(tmp_path, Options(select=("healthcheck-localhots",)))
    assert "healthcheck-localhost" in caught.value.hint


@pytest.mark.parametrize("place", ["", "src"])
def test_the_repository_and_its_src_give_the_same(tmp_path: Path, place: str) -> None:
    _check(tmp_path)
    (finding,) = check_tree(tmp_path / place, _HC03).findings
    assert finding.path == "src/docker-compose.yml"


@pytest.mark.parametrize("name", ["compose.yml", "compose.yaml", "docker-compose.yaml"])
def test_every_official_name_is_found(tmp_path: Path, name: str) -> None:
    lay(tmp_path, {f"src/{name}": _BAD})
    assert len(check_tree(tmp_path, _HC03).findings) == 1


@pytest.mark.parametrize("folder", ["tests/fixtures", "examples/shop", "docs"])
def test_stacks_to_look_at_are_not_ours_to_judge(tmp_path: Path, folder: str) -> None:
    lay(tmp_path, {f"{folder}/docker-compose.yml": _BAD, f"{folder}/Dockerfile": "FROM x\n"})
    assert check_tree(tmp_path).findings == ()


def test_of_two_names_in_a_folder_the_one_that_compose_takes_counts(tmp_path: Path) -> None:
    lay(tmp_path, {"src/compose.yaml": _BAD.replace("localhost", "127.0.0.1"), "src/docker-compose.yml": _BAD})
    assert check_tree(tmp_path, _HC03).findings == ()


def test_a_folder_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        check_tree(tmp_path / "nowhere")
    lay(tmp_path, {"file": "x"})
    with pytest.raises(UsageError, match="is a file"):
        check_tree(tmp_path / "file")


class TestSilence:
    """Comments that silence."""

    @pytest.mark.parametrize("word", ["healthcheck-localhost", "HC03", "HC03, HC11"])
    def test_a_comment_above_the_line_silences_with_a_reason(self, tmp_path: Path, word: str) -> None:
        text = _BAD.replace("      test:", f"      # groundwork: ignore[{word}] IPv6 is meant\n      test:")
        lay(tmp_path, {"src/docker-compose.yml": text})
        assert check_tree(tmp_path, _HC03).findings == ()

    def test_a_comment_on_the_line_silences(self, tmp_path: Path) -> None:
        text = _BAD.replace('"]\n', '"]  # groundwork: ignore[healthcheck-localhost] IPv6 is meant\n')
        lay(tmp_path, {"src/docker-compose.yml": text})
        assert check_tree(tmp_path, _HC03).findings == ()

    def test_without_a_reason_it_silences_nothing_and_is_told(self, tmp_path: Path) -> None:
        text = _BAD.replace('"]\n', '"]  # groundwork: ignore[healthcheck-localhost]\n')
        lay(tmp_path, {"src/docker-compose.yml": text})
        found = {f.rule: f for f in check_tree(tmp_path, _HC03).findings}
        assert set(found) == {"healthcheck-localhost", "ignore-invalid"}
        assert "reason" in found["ignore-invalid"].message

    def test_one_that_silences_nothing_is_told(self, tmp_path: Path) -> None:
        text = _BAD.replace("localhost", "127.0.0.1").replace(
            "services:", "services: # groundwork: ignore[HC03] why not"
        )
        lay(tmp_path, {"src/docker-compose.yml": text})
        (finding,) = check_tree(tmp_path, _HC03).findings
        assert (finding.rule, finding.line) == ("ignore-unused", 1)

    def test_one_for_a_rule_that_does_not_run_is_not_called_unused(self, tmp_path: Path) -> None:
        text = _BAD.replace("services:", "services: # groundwork: ignore[escape-device] a reason")
        lay(tmp_path, {"src/docker-compose.yml": text})
        assert {f.rule for f in check_tree(tmp_path, _HC03).findings} == {"healthcheck-localhost"}

    def test_one_for_no_rule_at_all_is_told(self, tmp_path: Path) -> None:
        text = _BAD.replace("services:", "services: # groundwork: ignore[healthchek] a reason")
        lay(tmp_path, {"src/docker-compose.yml": text})
        assert "ignore-invalid" in {f.rule for f in check_tree(tmp_path, _HC03).findings}

    def test_it_works_in_a_dockerfile(self, tmp_path: Path) -> None:
        dockerfile = "FROM alpine:3\n# groundwork: ignore[HC03] IPv6 is meant\nHEALTHCHECK CMD wget http://localhost/\n"
        lay(tmp_path, {"src/Dockerfile": dockerfile})
        assert check_tree(tmp_path, _HC03).findings == ()

    def test_above_an_instruction_it_speaks_for_all_of_its_lines(self, tmp_path: Path) -> None:
        dockerfile = "FROM alpine:3\n# groundwork: ignore[HC03] IPv6 is meant\nHEALTHCHECK --interval=5s \\\n  CMD wget http://localhost/\n"
        lay(tmp_path, {"src/Dockerfile": dockerfile})
        assert check_tree(tmp_path, _HC03).findings == ()


class TestConfiguration:
    """`.github/groundwork.yml`."""

    def test_it_ignores_a_rule(self, tmp_path: Path) -> None:
        assert _check(tmp_path, **_config("check:\n  ignore: [HC03]\n")).findings == ()

    def test_it_ignores_a_rule_under_a_path_only(self, tmp_path: Path) -> None:
        text = "check:\n  paths:\n    'src/**':\n      ignore: [healthcheck-localhost]\n"
        assert _check(tmp_path, **_config(text)).findings == ()
        assert len(_check(tmp_path, **_config(text.replace("src/**", "docs/**"))).findings) == 1

    def test_it_selects_rules_under_a_path_only(self, tmp_path: Path) -> None:
        text = "check:\n  paths:\n    'src/**':\n      select: [healthcheck-missing]\n"
        assert _check(tmp_path, **_config(text)).findings == ()
        assert len(_check(tmp_path, **_config(text.replace("src/**", "docs/**"))).findings) == 1
        assert len(_check(tmp_path, **_config(text.replace("healthcheck-missing", "HC03"))).findings) == 1

    def test_it_sets_a_severity_under_a_path_and_the_later_path_counts(self, tmp_path: Path) -> None:
        text = (
            "check:\n  severity: {HC03: warning}\n  paths:\n"
            "    'docs/**': {severity: {HC03: error}}\n    src: {severity: {HC03: info}}\n"
        )
        assert [f.severity for f in _check(tmp_path, **_config(text)).findings] == [Severity.INFO]
        later = text + "    'src/*.yml': {severity: {HC03: error}}\n"
        assert [f.severity for f in _check(tmp_path, **_config(later)).findings] == [Severity.ERROR]
        elsewhere = text.replace(" src:", " lib:")
        assert [f.severity for f in _check(tmp_path, **_config(elsewhere)).findings] == [Severity.WARNING]

    def test_it_sets_a_severity_and_info_does_not_fail(self, tmp_path: Path) -> None:
        result = _check(tmp_path, **_config("check: {severity: {HC03: info}}"))
        assert [finding.severity for finding in result.findings] == [Severity.INFO]
        assert not result.failed

    def test_parts_for_others_are_passed_over(self, tmp_path: Path) -> None:
        assert len(_check(tmp_path, **_config("reviewers: [mona]\n")).findings) == 1

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("check: {ignore: [HC99]}", "no rule is called 'HC99'"),
            ("check:\n  ignroe: [HC03]\n", "no key `ignroe`"),
            ("check: {severity: {HC03: fatal}}", "error, warning or info"),
            ("check: [HC03]", "must be a mapping"),
            ("check: {paths: {src: {severity: {HC03: loud}}}}", "error, warning or info"),
            ("check: {paths: {src: {select: [HC99]}}}", "no rule is called 'HC99'"),
            ("check: {paths: {src: {rules: [HC03]}}}", "there are select, ignore, severity"),
            ("agent: {budget: 5}", "no key `agent`"),
            ("check:\n\tignore: x\n", "tab"),
        ],
    )
    def test_a_mistake_is_an_error_with_its_place(self, tmp_path: Path, text: str, words: str) -> None:
        with pytest.raises(UsageError, match=words) as caught:
            _check(tmp_path, **_config(text))
        assert ".github/groundwork.yml:" in caught.value.what

    def test_it_can_be_left_out(self, tmp_path: Path) -> None:
        options = Options(select=("HC03",), configured=False)
        assert len(_check(tmp_path, options, **_config("check: {ignore: [HC03]}")).findings) == 1


def test_a_dockerfile_that_no_build_would_take_is_told(tmp_path: Path) -> None:
    lay(tmp_path, {"src/Dockerfile": "FROM alpine:3\nRUM echo\n"})
    found = [f for f in check_tree(tmp_path).findings if f.rule == "dockerfile-invalid"]
    assert [(f.path, f.line) for f in found] == [("src/Dockerfile", 2)]


def test_findings_are_in_the_order_of_their_places(tmp_path: Path) -> None:
    findings = _check(tmp_path, Options()).findings
    places = [(f.path, f.line, f.column) for f in findings]
    assert places == sorted(places)
