"""Workflow commands: beside the line, on one line, with nothing in them that is a command of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.finding import Finding, Fix, Safety, Severity
from bot.model.health import Outcome
from bot.report.annotations import finding_annotations, health_annotations
from tests.unit.report import reports
from tests.unit.report.hostile import report_of
from tests.unit.report.reading import hostile

FOUND = Finding(
    rule="healthcheck-localhost",
    code="HC03",
    severity=Severity.ERROR,
    path="docker-compose.yml",
    line=12,
    column=9,
    message="`localhost` may be ::1 first, 100% of the time here.",
    fix=Fix(safety=Safety.SAFE, description="use `127.0.0.1`", edits=()),
)


def test_a_finding_stands_beside_its_line() -> None:
    assert finding_annotations([FOUND], root="src") == (
        "::error file=src/docker-compose.yml,line=12,col=9,title=HC03 healthcheck-localhost::"
        "localhost may be ::1 first, 100%25 of the time here. Fix: use 127.0.0.1.\n"
    )


def test_the_worst_come_first_and_the_number_is_bounded() -> None:
    mild = replace(FOUND, severity=Severity.INFO)
    lines = finding_annotations([mild, replace(FOUND, severity=Severity.WARNING), FOUND] * 40).splitlines()
    assert len(lines) == 50
    assert [line.split(" ")[0] for line in lines] == ["::error"] * 40 + ["::warning"] * 10


def test_the_root_cause_stands_where_a_person_would_edit() -> None:
    assert health_annotations(reports.UNHEALTHY).startswith(
        "::error file=src/docker-compose.yml,line=22,title=Not healthy%3A backend::backend never became healthy"
    )


@pytest.mark.parametrize("name", list(reports.ALL))
def test_each_outcome_has_its_level(name: str) -> None:
    text = health_annotations(reports.ALL[name])
    outcome = reports.ALL[name].outcome
    if outcome is Outcome.HEALTHY:
        assert text == ""
    elif outcome in {Outcome.UNVERIFIED, Outcome.NO_ENGINE, Outcome.INTERRUPTED}:
        assert text.startswith("::warning ")
    else:
        assert text.startswith("::error ")


@given(hostile, st.sampled_from(Outcome))
def test_no_text_begins_a_command_of_its_own(words: str, outcome: Outcome) -> None:
    text = health_annotations(report_of(f"x\n::add-mask::y\r\n::set-env name=A::{words}", outcome, times=2))
    for line in text.splitlines():
        assert line.startswith(("::error ", "::warning "))
        assert line.isprintable()
