"""The judgement, held against recorded histories: those that people know, and any."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from bot.model.codec import from_json, to_json
from bot.model.health import HealthReport, Verdict
from bot.model.measured import Answer, Dependency, Moment, Record, Sample
from bot.verify.judge import judge, replay
from tests.unit.verify.records import any_record, failing, healthy, moments, record


@given(any_record)
@settings(max_examples=60)
def test_a_long_running_service_that_ended_not_running_is_never_healthy(recorded: Record) -> None:
    report = judge(recorded)
    for service in recorded.services:
        if service.one_shot or service.running:
            continue
        told = next(one for one in report.services if one.name == service.name)
        assert told.verdict not in {Verdict.HEALTHY, Verdict.DONE}
        assert report.outcome != "healthy"


@given(any_record)
@settings(max_examples=60)
def test_healthy_means_that_everything_was_measured_and_well(recorded: Record) -> None:
    report = judge(recorded)
    if report.outcome != "healthy":
        return
    assert recorded.ended == "settled"
    assert all(answer.ok for answer in recorded.answers)
    assert all(build.ok for build in recorded.builds)
    for service in recorded.services:
        assert service.one_shot or (service.check is not None and service.status == "healthy")


@given(any_record)
@settings(max_examples=30)
def test_the_same_record_gives_the_same_report_also_from_json(recorded: Record) -> None:
    report = judge(recorded)
    assert replay(from_json(HealthReport, to_json(report))) == report
    assert report.cause is not None or report.outcome in {
        "healthy", "interrupted", "no-engine", "refused", "invalid", "unverified", "timeout",
    }  # fmt: skip


@given(any_record)
def test_nothing_is_left_of_a_service_that_no_sample_saw(recorded: Record) -> None:
    report = judge(replace(recorded, samples=()))
    assert report.outcome != "healthy" or all(service.one_shot for service in recorded.services)


def test_a_stack_that_is_up_is_healthy() -> None:
    report = judge(record(healthy("db"), healthy("app", needs=(Dependency(service="db"),))))
    assert report.outcome == "healthy"
    assert report.cause is None
    assert report.services[0].healthy_at == 2.0


def test_a_finished_one_shot_is_done_not_failed() -> None:
    job = healthy("job", one_shot=True, check=None, status="", running=False, exit_code=0)
    job = replace(job, moments=(*moments((0.2, "started")), Moment(at=1.0, kind="exited", exit_code=0)))
    report = judge(record(job, healthy()))
    assert report.outcome == "healthy"
    assert report.services[0].verdict == "done"


def test_a_service_without_a_check_is_unverified_and_so_is_the_stack() -> None:
    report = judge(record(healthy("db"), healthy("app", check=None, status="")))
    assert report.outcome == "unverified"
    assert "no health check" in report.unverified[0]
    assert report.cause is not None
    assert report.cause.code == "no-check"


def test_healthy_services_without_a_window_are_not_a_proof() -> None:
    assert judge(record(healthy(), window_began=None, samples=())).outcome == "unverified"


def test_unequal_samples_are_not_steady() -> None:
    samples = tuple(
        Sample(at=n, states=(f"app={state}",)) for n, state in ((3, "running/healthy"), (9, "running/starting"))
    )
    assert judge(record(healthy(), samples=samples)).outcome == "unhealthy"


def test_one_that_ended_after_it_was_healthy_is_unhealthy_though_it_came_back() -> None:
    back = healthy(moments=moments((0.2, "started"), (2, "healthy"), (9, "exited"), (9.2, "started"), (11, "healthy")))
    report = judge(record(back))
    assert report.outcome == "unhealthy"
    assert report.cause is not None
    assert report.cause.code == "restarted"


def test_one_that_ended_before_it_was_healthy_may_recover() -> None:
    back = healthy(moments=moments((0.2, "started"), (1, "exited"), (1.2, "started"), (2.5, "healthy")), restarts=1)
    report = judge(record(back))
    assert report.outcome == "healthy"
    assert "restarted once" in report.suggestions[0]


def test_the_service_that_broke_first_is_the_root_and_the_rest_is_blocked_by_it() -> None:
    db = failing("db")
    app = healthy(
        "app", moments=(), running=False, status="", needs=(Dependency(service="db", condition="service_healthy"),)
    )
    proxy = healthy("proxy", moments=(), running=False, status="", needs=(Dependency(service="app"),))
    report = judge(record(proxy, app, db))
    assert report.root_cause == "db"
    assert [(s.name, str(s.verdict), s.blocked_by) for s in report.services] == [
        ("proxy", "blocked", "db"),
        ("app", "blocked", "db"),
        ("db", "unhealthy", ""),
    ]


def test_a_service_that_failed_while_what_it_needs_was_failing_is_blocked() -> None:
    app = healthy("app", moments=moments((0.3, "started"), (1, "exited")), running=False, status="", exit_code=1)
    app = replace(app, needs=(Dependency(service="db"),), log=("connect ECONNREFUSED 172.18.0.2:5432 (db)",))
    report = judge(record(app, failing("db")))
    assert report.root_cause == "db"
    assert report.services[0].blocked_by == "db"


def test_a_missing_image_leaves_the_stack_unverified_not_unhealthy() -> None:
    gone = healthy(moments=(), running=False, status="", image_error="lookup registry.example: no such host")
    samples = (Sample(at=3.0, states=("other=running/healthy",)),)
    report = judge(record(gone, healthy("other"), window_began=3.0, samples=samples))
    assert report.outcome == "unverified"
    assert report.cause is not None
    assert report.cause.code == "image-unavailable"


def test_a_silent_published_port_is_unhealthy_though_the_check_passes() -> None:
    silent = Answer(service="app", published=8080, target=80, protocol="tcp", error="closed at once")
    report = judge(record(healthy(), answers=(silent,)))
    assert report.outcome == "unhealthy"
    assert report.cause is not None
    assert report.cause.code == "port-silent"
    assert "8080" in report.cause.title


def test_time_over_while_starting_is_a_timeout_and_a_known_fault_is_not() -> None:
    starting = failing(status="starting", moments=moments((0.2, "started")))
    assert judge(record(starting, ended="timeout")).outcome == "timeout"
    assert (
        judge(record(failing(output="sh: 1: curl: not found", exit_code=127), ended="timeout")).outcome == "unhealthy"
    )


@pytest.mark.parametrize("ended", ["engine-lost", "interrupted"])
def test_nothing_is_said_against_a_stack_whose_watch_was_cut_short(ended: str) -> None:
    report = judge(record(failing(), healthy("other"), ended=ended))
    assert report.outcome in {"unverified", "interrupted"}
    assert {str(service.verdict) for service in report.services} == {"unverified"}
