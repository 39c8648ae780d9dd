"""The health report as a comment: its texts, its limits, and that nothing in it gets out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from bot.model.health import HealthReport, Outcome, Verdict
from bot.report.fitting import GITHUB_LIMIT, length
from bot.report.health_markdown import Context, health_markdown, marker
from tests.unit.report import proposals, reports
from tests.unit.report.hostile import hostile_reports, report_of
from tests.unit.report.reading import ATTACKS, assert_contained, read

WHOLE = Context(
    run="17",
    attempts=proposals.SHOP.attempts,
    coming="Attempt 3 of 3 is doing that now.",
    findings=(),
    cost_usd=0.42,
    budget_usd=5.0,
    full_report="https://groundwork.example/runs/17",
)


@pytest.mark.parametrize("name", list(reports.ALL))
def test_text(name: str, snapshot: SnapshotAssertion) -> None:
    assert health_markdown(reports.ALL[name]) == snapshot


@pytest.mark.parametrize("name", ["healthy", "unhealthy"])
def test_text_within_a_run(name: str, snapshot: SnapshotAssertion) -> None:
    assert health_markdown(reports.ALL[name], WHOLE) == snapshot


@pytest.mark.parametrize("name", list(reports.ALL))
def test_the_verdict_is_the_first_line_anybody_reads(name: str) -> None:
    first, second, *_ = health_markdown(reports.ALL[name]).split("\n")
    assert first.startswith("<!-- groundwork:health")
    assert second.startswith("### ")


@pytest.mark.parametrize(
    ("services", "words"),
    [
        (
            ("nginx",),
            "While starting, 1 service was asked for health twice a second. Asked as the compose file says, it is",
        ),
        (
            ("nginx", "db"),
            "While starting, 2 services were asked for health twice a second. Asked as the compose file says, ",
        ),
    ],
)
def test_a_time_that_daily_use_would_not_show_is_explained(services: tuple[str, ...], words: str) -> None:
    startup = health_markdown(replace(reports.HEALTHY, hastened=services)).partition("Start-up, service by service")[2]
    assert words in startup.partition("</details>")[0]
    assert "twice a second" not in health_markdown(reports.HEALTHY)


def test_the_marker_names_run_and_head_and_holds_nothing_else() -> None:
    assert marker(reports.HEALTHY, "17") == "<!-- groundwork:health run=17 head=9d3c2aa -->"
    assert marker(replace(reports.HEALTHY, commit="--> @x"), "--> x") == "<!-- groundwork:health run=--x -->"


def test_what_was_left_behind_is_never_folded_nor_denied() -> None:
    text = health_markdown(replace(reports.HEALTHY, left_behind=("volume x",)))
    assert text.index("**Left behind:**") < text.index("| service |")
    assert "nothing left behind" not in text


def test_nothing_is_said_of_a_teardown_where_nothing_ran() -> None:
    assert "taken down" not in health_markdown(reports.REFUSED)


def test_a_full_report_is_linked_only_where_a_link_is_safe() -> None:
    assert read(health_markdown(reports.HEALTHY, Context(full_report="javascript:alert(1)"))).targets == ["#"]
    hostile = Context(full_report="https://x.example/a) [b](https://evil.example")
    assert all(
        target.startswith("https://x.example/") for target in read(health_markdown(reports.HEALTHY, hostile)).targets
    )


@given(hostile_reports)
@settings(max_examples=60)
def test_hostile_text_stays_where_it_was_put(report: HealthReport) -> None:
    assert_contained(health_markdown(report), headings=1)


@given(hostile_reports, st.integers(9_000, 30_000))
@settings(max_examples=30)
def test_a_shortened_report_is_as_well_formed(report: HealthReport, limit: int) -> None:
    text = health_markdown(report, limit=limit)
    assert_contained(text, headings=1, emphasised=1)
    assert length(text) <= limit


LARGE = ("🧱|`*_<@#" * 2000, "x" * 50_000, "`" * 50_000, "\x1b\u202e" * 9000)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [*((Outcome.UNHEALTHY, words) for words in LARGE), *((outcome, "`|<&" * 100) for outcome in Outcome)],
)
def test_the_largest_report_fits_and_keeps_verdict_and_table(outcome: Outcome, words: str) -> None:
    text = health_markdown(report_of(words, outcome, times=40))
    assert length(text) <= GITHUB_LIMIT
    assert_contained(text, headings=1, emphasised=1)
    assert "| service | verdict |" in text
    assert "*Shortened to fit: " in text


def test_hundreds_of_services_keep_the_broken_one_and_count_the_others() -> None:
    many = tuple(replace(reports.POSTGRES, name=f"service-{number:04}") for number in range(3000))
    broken = replace(reports.SICK_BACKEND, name="the-broken-one")
    report = replace(reports.UNHEALTHY, services=(*many, broken), root_cause="the-broken-one")
    text = health_markdown(report)
    assert length(text) <= GITHUB_LIMIT
    assert "**`the-broken-one`**" in text
    assert "and 2801 more: 2801 healthy" in text


def test_details_go_before_the_table_does() -> None:
    log = tuple("word " * 70 for _ in range(40))
    report = replace(
        reports.UNHEALTHY, services=tuple(replace(service, log=log) for service in reports.UNHEALTHY.services)
    )
    text = health_markdown(report, limit=4000)
    assert "| **`backend`** | ❌ **unhealthy** |" in text
    assert "Last 40 lines" not in text
    assert text.rstrip().endswith("the JSON report has it all.*")


def test_the_logs_of_healthy_services_are_not_shown() -> None:
    loud = replace(reports.POSTGRES, log=("a line of no interest",))
    assert "no interest" not in health_markdown(replace(reports.UNHEALTHY, services=(loud, reports.SICK_BACKEND)))


def test_errors_in_the_logs_of_healthy_services_are_told_without_a_verdict() -> None:
    loud = replace(reports.POSTGRES, log_errors=("ERROR: deadlock detected",))
    text = health_markdown(replace(reports.HEALTHY, services=(loud,)))
    assert "1 line in the logs of healthy services that looks like an error" in text
    assert "postgres: ERROR: deadlock detected" in text
    assert text.split("\n")[1].startswith("### ✅ Healthy")


def test_a_service_without_check_is_never_called_healthy() -> None:
    text = health_markdown(reports.NO_CHECK)
    assert "| `redis` | ⚠️ unverified: no health check |" in text


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_attack_alone_is_contained(attack: str) -> None:
    assert_contained(health_markdown(report_of(attack, Outcome.UNHEALTHY)), headings=1)


def test_every_verdict_has_its_word_in_the_table() -> None:
    drawn = {verdict: replace(reports.POSTGRES, verdict=verdict, name=verdict.value) for verdict in Verdict}
    text = health_markdown(replace(reports.UNHEALTHY, services=tuple(drawn.values())))
    assert all(f"| `{verdict.value}` |" in text for verdict in Verdict)
