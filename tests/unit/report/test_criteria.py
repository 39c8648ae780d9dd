"""A criterion is met, or not, only by what was measured; everything else is said to be unchecked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from bot.model.brief import Criterion, Evidence
from bot.model.health import Outcome, Verdict
from bot.model.proposal import Proposal
from bot.report.criteria import Answered, Standing, answers
from tests.unit.report import proposals, reports
from tests.unit.report.reading import hostile

OFFICIAL = replace(proposals.SHOP, health=replace(reports.HEALTHY, stand_ins=()))


def ask(text: str, proposal: Proposal = OFFICIAL) -> Answered:
    asked = Criterion(text=text, evidence=Evidence(path="issue", line=1, quote=text))
    return answers(replace(proposal, brief=replace(proposal.brief, criteria=(asked,))))[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("All containers are healthy", "5 services healthy or done, on `9d3c2aa`"),
        ("`docker compose up` starts the whole stack.", "5 services healthy or done, on `9d3c2aa`"),
        ("every service becomes healthy with docker compose up -d", "5 services healthy or done, on `9d3c2aa`"),
        ("Every service has a health check", "4 services with a check, in `src/docker-compose.yml`"),
        ("GET /api/health returns 200", "`GET :8080/api/health` 200 in 9 ms"),
        ("http://localhost:8080/api/health responds with 200", "`GET :8080/api/health` 200 in 9 ms"),
        ("The shop answers on port 8000", None),
        ("the backend answers on port 8000 at /health", "`GET :8000/health` 200 in 7 ms"),
        ("`GET /api/health` through nginx answers 200", "`GET :8080/api/health` 200 in 9 ms"),
        ("nginx answers on port 8000 at /health", None),
        ("The issue names `postgresql`.", "`postgres` (`postgres:16.4-alpine`) healthy after 2.1 s"),
        ("The issue names `django`.", "`backend` healthy after 6.3 s"),
        ("The issue names `docker-compose`.", "5 services in `src/docker-compose.yml`"),
        ("The issue names `react-vite`.", None),
        ("PostgreSQL", "`postgres` (`postgres:16.4-alpine`) healthy after 2.1 s"),
        ("a PostgreSQL 16 database", "`postgres` (`postgres:16.4-alpine`) healthy after 2.1 s"),
        ("Redis cache", "`redis` (`redis:7.4-alpine`) healthy after 1.0 s"),
        ("The back end is healthy", "`backend` healthy after 6.3 s"),
        ("Django backend", "`backend` healthy after 6.3 s"),
        ("Migrations are applied automatically", "`migrate` ended with exit 0 after 3.4 s"),
        ("A `.env.example` is provided", "`src/.env.example` in this change"),
        ("PostgreSQL keeps its data in a named volume", "named volume of `postgres`: `postgres_data`"),
    ],
)
def test_what_was_measured_is_met_with_its_evidence(text: str, why: str | None) -> None:
    answered = ask(text)
    assert answered.standing is (Standing.MET if why else Standing.UNCHECKED)
    assert answered.why == (why or "")


@pytest.mark.parametrize(
    "text",
    [
        "nginx terminates TLS for shop.example.org",
        "Redis is used for sessions",
        "The services are running",
        "Orders survive a restart of PostgreSQL",
        "The backend scales to 10 replicas",
        "PostgreSQL is backed up nightly",
        "The front end loads in under a second",
        "No service runs as root",
        "nginx does not expose the backend",
        "GET /api/orders returns 200",
        "POST /api/health returns 200",
        "All services restart after a reboot",
        "All services are healthy within 5 minutes on a Raspberry Pi",
        "PostgreSQL without Redis",
        "Health checks for every service must be documented",
        "GET /api/health never returns 500",
    ],
)
def test_what_says_more_than_was_measured_is_not_checked(text: str) -> None:
    assert ask(text).standing is Standing.UNCHECKED


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("All containers are healthy", "3 of 5 services healthy"),
        ("The back end is healthy", "`backend` is unhealthy"),
        ("nginx", "`nginx` (`nginx:1.27-alpine`) is blocked"),
        ("The shop's api answers on port 8080", None),
        ("api answers on port 8080", "`nginx` is blocked, so nothing answers there"),
        ("PostgreSQL 15", "`postgres` is `postgres:16.4-alpine`"),
    ],
)
def test_what_failed_is_not_met(text: str, why: str | None) -> None:
    answered = ask(text, proposals.DRAFT)
    assert answered.standing is (Standing.NOT_MET if why else Standing.UNCHECKED)
    assert answered.why == (why or "")


def test_a_wrong_status_is_not_met() -> None:
    wrong = replace(reports.HEALTHY.answers[2], status=404)
    broken = replace(OFFICIAL, health=replace(OFFICIAL.health, answers=(wrong,)))
    assert ask("GET /api/health returns 200", broken).standing is Standing.NOT_MET


def test_a_database_that_no_service_is_is_not_met() -> None:
    without = replace(proposals.STACK, services=proposals.STACK.services[1:])
    asked = replace(OFFICIAL, stack=without)
    assert ask("PostgreSQL", asked) == Answered(
        text="PostgreSQL", standing=Standing.NOT_MET, why="no service of the stack is PostgreSQL"
    )


def test_one_criterion_with_an_unknown_part_is_partly_checked() -> None:
    answered = ask("All containers are healthy and the invoices are printed")
    assert answered.standing is Standing.PARTLY
    assert answered.why.endswith("; the rest was not checked")


def test_one_failed_part_fails_the_whole() -> None:
    assert ask("PostgreSQL and all containers are healthy", proposals.DRAFT).standing is Standing.NOT_MET


def test_a_version_that_ran_as_a_stand_in_was_not_measured() -> None:
    answered = ask("PostgreSQL 16", proposals.SHOP)
    assert answered.standing is Standing.UNVERIFIED
    assert "PostgreSQL 17.11" in answered.why


def test_a_service_that_ran_as_a_stand_in_says_so() -> None:
    assert "stand-in, Redis 8.0" in ask("Redis", proposals.SHOP).why


@pytest.mark.parametrize("outcome", [Outcome.UNVERIFIED, Outcome.NO_ENGINE, Outcome.REFUSED, Outcome.BUILD_FAILED])
def test_nothing_that_ran_is_met_where_nothing_ran(outcome: Outcome) -> None:
    unmeasured = replace(OFFICIAL, health=replace(reports.NOTHING_RAN, outcome=outcome))
    for text in ("All containers are healthy", "PostgreSQL", "GET /health returns 200", "Migrations run on start"):
        assert ask(text, unmeasured).standing in {Standing.UNVERIFIED, Standing.NOT_MET}


def test_a_service_without_a_verdict_is_not_met() -> None:
    unknown = replace(reports.POSTGRES, verdict=Verdict.UNVERIFIED)
    health = replace(reports.HEALTHY, outcome=Outcome.UNHEALTHY, services=(unknown,), stand_ins=())
    assert ask("PostgreSQL", replace(OFFICIAL, health=health)).standing is Standing.UNVERIFIED


def test_a_bare_service_fails_the_criterion_about_checks() -> None:
    first, *others = proposals.STACK.services
    bare = replace(OFFICIAL, stack=replace(proposals.STACK, services=(replace(first, check=""), *others)))
    assert ask("Every container has a healthcheck", bare).why == "`postgres` without a health check"


def test_a_service_that_the_issue_names_is_shown_as_people_write_it() -> None:
    assert ask("The issue names `postgresql`.").text == "PostgreSQL"


def test_the_same_criterion_is_answered_once() -> None:
    twice = (proposals.criterion("PostgreSQL"), proposals.criterion(" PostgreSQL "))
    assert len(answers(replace(OFFICIAL, brief=replace(proposals.BRIEF, criteria=twice)))) == 1


@given(hostile)
def test_words_that_mean_nothing_here_meet_nothing(text: str) -> None:
    assert ask(f"xyzzy {text}").standing is not Standing.MET
