"""`groundwork verify` without an engine: replaying, forms, exit statuses, Actions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.cli.verify import STATUS
from bot.model.codec import to_json
from bot.model.health import Outcome
from bot.verify.judge import judge
from tests.unit.verify.records import failing, healthy, record

GOOD = record(healthy("db"), healthy("app"))
BAD = record(failing("app", output="sh: 1: curl: not found", exit_code=127))


@pytest.fixture(autouse=True)
def _not_in_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


def stored(folder: Path, recorded: object) -> str:
    path = folder / "recorded.json"
    path.write_bytes(to_json(judge(recorded)))  # type: ignore[arg-type]
    return str(path)


def test_every_outcome_has_its_exit_status() -> None:
    assert set(STATUS) == set(Outcome)
    assert [STATUS[name] for name in ("healthy", "unhealthy", "unverified", "build-failed")] == [0, 1, 1, 3]
    assert [STATUS[name] for name in ("invalid", "refused", "timeout", "no-engine")] == [4, 4, 5, 6]


def test_a_recorded_report_is_judged_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--replay", stored(tmp_path, GOOD)]) == 0
    assert "ealthy" in capsys.readouterr().out
    assert main(["verify", "--replay", stored(tmp_path, BAD)]) == 1
    assert "curl" in capsys.readouterr().out


def test_all_forms_are_written(tmp_path: Path) -> None:
    names = {"--json": "r.json", "--markdown": "sub/r.md", "--html": "r.html", "--junit": "r.xml"}
    words = [word for option, name in names.items() for word in (option, str(tmp_path / name))]
    assert main(["verify", "--replay", stored(tmp_path, BAD), *words]) == 1
    assert json.loads((tmp_path / "r.json").read_text())["outcome"] == "unhealthy"
    assert "`app`" in (tmp_path / "sub" / "r.md").read_text()
    assert (tmp_path / "r.html").read_text().lower().startswith("<!doctype html>")
    assert "<failure" in (tmp_path / "r.xml").read_text()


def test_json_on_standard_output_stands_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["verify", "--replay", stored(tmp_path, GOOD), "--json", "-"])
    assert json.loads(capsys.readouterr().out)["outcome"] == "healthy"


def test_in_actions_the_step_gets_a_summary_and_the_line_an_annotation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.chdir(tmp_path)
    main(["verify", "--replay", stored(tmp_path, BAD)])
    assert "::error" in capsys.readouterr().out
    assert summary.read_text().startswith("before\n")
    assert "curl" in summary.read_text()


def test_a_file_that_is_no_report_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text("{}")
    assert main(["verify", "--replay", str(tmp_path / "x.json")]) == 2
    assert main(["verify", "--replay", str(tmp_path / "none.json")]) == 2
    assert main(["verify", str(tmp_path)]) == 2
    assert "no compose file" in capsys.readouterr().err
