"""What is said of a workflow that verified nothing: by what GitHub remarks, and never in somebody else's words."""

from __future__ import annotations

import pytest
from hypothesis import given

from bot.model.actions_run import ActionsRun, Trouble
from bot.model.health import HealthReport, Outcome
from bot.report.actions_words import no_report, no_runner, not_trusted, nothing_started
from bot.report.health_markdown import health_markdown
from tests.unit.report.reading import assert_contained, hostile

FAILED = ActionsRun(id=1, conclusion="failure")


@pytest.mark.parametrize(
    ("remark", "said"),
    [
        ("The job was not started because your account is locked due to a billing issue.", "spending limit"),
        ("The job was not started because recent account payments have failed", "spending limit"),
        ("The action actions/checkout@v7 is not allowed in acme/shop because all actions must be ...", "policy"),
        ("No runner matching the specified labels was found: gpu", "No runner"),
        ("The self-hosted runner: box lost communication with the server.", "runner was lost"),
        ("The runner has received a shutdown signal.", "runner was lost"),
        ("Failed to CreateArtifact: Artifact storage quota has been hit.", "artifacts is full"),
        ("The job running on runner box has exceeded the maximum execution time of 30 minutes.", "time limit"),
    ],
)
def test_what_github_remarks_is_understood(remark: str, said: str) -> None:
    cause = no_report(FAILED, Trouble(said=("Node 20 is deprecated.", remark)))
    assert said.casefold() in cause.title.casefold()
    assert cause.next_step


def test_a_remark_that_is_not_known_leads_to_the_step_that_failed() -> None:
    cause = no_report(FAILED, Trouble(said=("Process completed with exit code 1.",), failed="Install Groundwork"))
    assert "`Install Groundwork`" in cause.title


@given(hostile)
def test_nothing_that_others_wrote_becomes_markup(words: str) -> None:
    for cause in (
        no_runner(Trouble(labels=(words,))),
        no_report(FAILED, Trouble(said=(words,), failed=words)),
        nothing_started(Trouble(workflow=words)),
        not_trusted(words),
    ):
        assert "\n" not in cause.title
        report = HealthReport(outcome=Outcome.UNVERIFIED, commit="a" * 40, cause=cause)
        assert_contained(health_markdown(report), headings=1)
