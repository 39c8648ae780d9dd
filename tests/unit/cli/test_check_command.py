"""`groundwork check` and `groundwork rules`: exit statuses and output, as scripts depend on them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.check.registry import RULES
from bot.cli.main import main
from tests.data.check.trees import clean, lay

_BAD = """services:
  web:
    image: nginx:1.27
    healthcheck:
      test: ["CMD", "wget", "http://localhost/"]
      start_period: 5s
"""


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    return lay(tmp_path, {"src/docker-compose.yml": _BAD})


def _good(root: Path) -> Path:
    return lay(root, dict(clean())["next-mongo"])


def test_a_good_stack_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(_good(tmp_path))]) == 0
    assert capsys.readouterr().out == "All rules pass.\n"


def test_findings_end_with_1(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(bad)]) == 1
    assert "src/docker-compose.yml:5:37" in capsys.readouterr().out


def test_info_alone_ends_with_0(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay(bad, {".github/groundwork.yml": "check: {severity: {HC03: info}}\n"})
    assert main(["check", str(bad), "--select", "HC03"]) == 0
    assert "info HC03" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--select", "HC99"], ["--format", "xml"], ["--nonsense"]])
def test_wrong_usage_ends_with_2(bad: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    try:
        status = main(["check", str(bad), *arguments])
    except SystemExit as stopped:
        status = int(str(stopped.code))
    assert status == 2
    assert "error" in capsys.readouterr().err


def test_a_missing_path_ends_with_2_and_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "nowhere")]) == 2
    told = capsys.readouterr().err
    assert "does not exist" in told
    assert "try:" in told


def test_json_on_standard_output_is_nothing_but_json(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(bad), "--format", "json", "--select", "healthcheck-localhost,HC01"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [finding["code"] for finding in told["findings"]] == ["HC03"]


def test_json_of_a_good_stack_is_an_empty_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(_good(tmp_path)), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"version": 1, "findings": []}


def test_sarif_names_the_program_and_its_version(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(bad), "--format", "sarif", "--select", "HC03"]) == 1
    driver = json.loads(capsys.readouterr().out)["runs"][0]["tool"]["driver"]
    assert driver["name"] == "Groundwork"
    assert driver["version"]


def test_fix_mends_and_the_next_check_passes(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(bad), "--select", "HC03", "--fix"]) == 0
    assert "1 fix made." in capsys.readouterr().out
    assert (bad / "src/docker-compose.yml").read_text() == _BAD.replace("localhost", "127.0.0.1")
    assert main(["check", str(bad), "--select", "HC03", "--fix"]) == 0
    assert "made" not in capsys.readouterr().out


def test_diff_changes_nothing_and_ends_with_1(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(bad), "--select", "HC03", "--diff"]) == 1
    told = capsys.readouterr().out
    assert told.startswith("--- a/src/docker-compose.yml\n+++ b/src/docker-compose.yml\n")
    assert (bad / "src/docker-compose.yml").read_text() == _BAD


def test_statistics(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(bad), "--select", "HC03", "--statistics"]) == 1
    assert capsys.readouterr().out == "1  HC03 healthcheck-localhost\n"


def test_annotations(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(bad), "--select", "HC03", "--format", "github"]) == 1
    assert capsys.readouterr().out.startswith("::error file=src/docker-compose.yml,line=5,endLine=5,title=HC03 ")


@pytest.mark.parametrize("word", ["HC03", "hc03", "healthcheck-localhost"])
def test_a_rule_shows_its_page(capsys: pytest.CaptureFixture[str], word: str) -> None:
    assert main(["rules", word]) == 0
    assert capsys.readouterr().out.startswith("# HC03 healthcheck-localhost\n")


def test_the_table_has_every_rule_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(RULES) + 2
    for rule in RULES:
        assert sum(f"| {rule.name} " in line for line in lines) == 1


def test_a_rule_that_does_not_exist_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "healthcheck-localhots"]) == 2
    assert "did you mean healthcheck-localhost?" in capsys.readouterr().err
