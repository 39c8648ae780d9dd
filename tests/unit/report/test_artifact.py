"""The artifact's folder: the same names whatever happened, and nothing in a log that is alive."""

from __future__ import annotations

import json

from bot.model.artifact import RunNote
from bot.model.codec import from_json
from bot.model.health import Build, HealthReport, Outcome, ServiceHealth, Verdict
from bot.report.artifact import artifact_files

NOTE = RunNote(outcome="unhealthy", commit="a" * 40, repository="acme/shop", run_id=7, run_attempt=1)


def files(**fields: object) -> dict[str, str]:
    return artifact_files(HealthReport(outcome=Outcome.UNHEALTHY, commit="a" * 40, **fields), NOTE)  # type: ignore[arg-type]


def service(name: str, *log: str) -> ServiceHealth:
    return ServiceHealth(name=name, verdict=Verdict.UNHEALTHY, log=log)


def test_the_report_stands_there_in_three_forms_with_whose_it_is() -> None:
    made = files()
    assert set(made) == {"report.json", "report.md", "report.html", "run.json"}
    assert from_json(HealthReport, made["report.json"]).commit == "a" * 40
    assert json.loads(made["run.json"])["run_id"] == 7


def test_each_service_that_said_something_and_each_failed_build_has_its_log() -> None:
    made = files(
        services=(service("app", "boom", "again"), service("db")),
        builds=(Build(service="app", ok=False, lines=("cannot find thing",)),),
    )
    assert made["logs/app.log"] == "boom\nagain\n"
    assert made["logs/build/app.log"] == "cannot find thing\n"
    assert "logs/db.log" not in made


def test_a_service_named_like_a_path_stays_in_the_folder() -> None:
    names = [name for name in files(services=(service("../../x", "a"), service("..", "b"))) if name.startswith("logs")]
    assert names == ["logs/x.log", "logs/service.log"]


def test_logs_are_masked_and_visible() -> None:
    (text,) = (
        it
        for name, it in files(services=(service("app", "token=ghp_abcdefghij0123456789abcd\x1b[31m!"),)).items()
        if "log" in name
    )
    assert "ghp_" not in text
    assert "\x1b" not in text
