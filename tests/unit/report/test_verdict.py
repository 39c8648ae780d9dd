"""Every outcome has its own right words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model.health import HealthReport, Outcome, Verdict
from bot.report.happened import happened
from bot.report.verdict import unsaid, words
from tests.unit.report import reports

HEADLINES = {
    "healthy": "✅ Healthy: 5 of 5 services, 9.7 s after start, steady for 15 s",
    "unhealthy": "❌ Not healthy: `backend` never became healthy, because its check looks at IPv6",
    "crash_loop": (
        "❌ Not healthy: `backend` exited with 1 after 5 restarts, because the variable `SECRET_KEY` is not set"
    ),
    "crashing": "❌ Not healthy: `backend` ends right after it starts (5 times, exit status 1)",
    "port_silent": "❌ Not healthy: `nginx`: its published port 8080 does not answer properly",
    "out_of_memory": "❌ Not healthy: `backend` needs more memory than its limit of 64 MB",
    "migration_failed": "❌ Not healthy: `migrate` ended with exit 3: relation `orders` does not exist",
    "build_failed": (
        "❌ Build failed: `backend` at `RUN pip install -r requirements.txt`: `pip` found no package `djago==5.2`"
    ),
    "invalid": (
        "❌ Not a valid stack: service `backend` depends on `postgress`, which is not defined; nothing was built"
    ),
    "refused": "⛔ Refused: 2 findings would let the stack out of its box; nothing was built or started",
    "timeout": "❌ Not healthy in time: stopped after 60 s, `backend` was still not ready: its check still failed",
    "no_engine": "⚠️ Unverified: no Docker engine answers here, so nothing was built or started",
    "interrupted": ("⚠️ Unverified: interrupted after 12 s, before a verdict; what had been started was taken down"),
    "no_check": "⚠️ Unverified: 2 of 3 services healthy; `redis` could not be judged: it has no health check",
    "image_unavailable": ("⚠️ Unverified: the image `apache/kafka:3.9.0` could not be fetched"),
    "verify_none": "⚠️ Unverified: nothing was started: verification was switched off with `--verify none`",
}


@pytest.mark.parametrize("name", list(reports.ALL))
def test_the_headline_says_it_all(name: str) -> None:
    assert words(reports.ALL[name]).headline == HEADLINES[name]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_words_even_when_nothing_else_is_known(outcome: Outcome) -> None:
    said = words(HealthReport(outcome=outcome))
    assert said.state
    assert said.rest
    assert (said.state == "Healthy") == (outcome is Outcome.HEALTHY)


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.HEALTHY])
def test_only_a_healthy_outcome_looks_healthy(outcome: Outcome) -> None:
    assert "✅" not in words(replace(reports.HEALTHY, outcome=outcome)).headline


@pytest.mark.parametrize(
    "name", ["no_engine", "interrupted", "refused", "invalid", "build_failed", "image_unavailable"]
)
def test_what_a_person_can_do_is_said(name: str) -> None:
    assert words(reports.ALL[name]).next_step


def test_an_interruption_that_left_something_does_not_claim_it_was_taken_down() -> None:
    left = replace(reports.INTERRUPTED, left_behind=("network x",))
    assert "taken down" not in words(left).headline


def test_reasons_are_not_said_twice() -> None:
    assert unsaid(reports.VERIFY_NONE) == ()
    assert unsaid(reports.HEALTHY) == reports.HEALTHY.unverified


@pytest.mark.parametrize(
    ("changes", "predicate"),
    [
        ({"started_at": None, "created_at": None}, "was never started"),
        ({"started_at": None}, "could not be started"),
        ({"healthy_at": 2.0, "running": False, "exit_code": 1}, "was healthy, then exited with 1"),
        ({"healthy_at": 2.0, "restarts": 1}, "restarted 1 time"),
        ({"healthy_at": 2.0}, "did not stay healthy"),
        ({"check": None}, "is not healthy"),
    ],
)
def test_what_happened_to_a_service_is_what_was_measured(changes: dict[str, object], predicate: str) -> None:
    service = replace(reports.SICK_BACKEND, verdict=Verdict.UNHEALTHY, **changes)  # type: ignore[arg-type]
    assert happened(service) == predicate
