"""Events and inspections become a record, in whatever order they come."""

from __future__ import annotations

from typing import Any

from bot.model.redact import Redactor
from bot.verify.happening import ContainerEvent, EventKind, read_event
from bot.verify.recorder import Recorder, epoch
from tests.unit.verify.records import healthy

BEGAN = epoch("2026-01-02T03:04:05Z")
FRESH = healthy(moments=(), probes=(), probe_count=0, running=False, status="")


def recorder() -> Recorder:
    return Recorder((FRESH,), BEGAN, Redactor(("hunter22",)))


def event(kind: EventKind, at: float, exit_code: int | None = None) -> ContainerEvent:
    return ContainerEvent(container="c1", service="app", kind=kind, when=BEGAN + at, exit_code=exit_code)


def inspection(status: str = "running", finished: float = 0, **health: Any) -> dict[str, Any]:
    return {
        "State": {
            "Status": status,
            "Running": status == "running",
            "FinishedAt": f"2026-01-02T03:04:{5 + finished:09.6f}Z",
            "ExitCode": 3,
            "Health": health,
        },
        "Config": {"Healthcheck": {"Test": ["CMD-SHELL", "curl x"], "Interval": 5_000_000_000}},
    }


def probe(second: int, output: str = "") -> dict[str, Any]:
    return {
        "Start": f"2026-01-02T03:04:{5 + second:02d}.5Z",
        "End": f"2026-01-02T03:04:{5 + second:02d}.75Z",
        "ExitCode": 1,
        "Output": output,
    }


def test_engine_events_are_read_and_others_are_left() -> None:
    raw = {
        "Action": "die",
        "timeNano": 1_700_000_000_500_000_000,
        "Actor": {"ID": "c1", "Attributes": {"com.docker.compose.service": "app", "exitCode": "137"}},
    }
    assert read_event(raw) == ContainerEvent(
        container="c1", service="app", kind="exited", when=1_700_000_000.5, exit_code=137
    )
    assert read_event(raw | {"Action": "attach"}) is None
    assert read_event({"Action": "die", "Actor": {"Attributes": {}}}) is None


def test_probes_are_read_once_redacted_and_with_their_time() -> None:
    seen = recorder()
    seen.event(event("started", 0.1))
    seen.inspected("app", inspection(Status="starting", Log=[probe(1, "password hunter22"), probe(2)]))
    seen.inspected("app", inspection(Status="unhealthy", Log=[probe(2), probe(3)]))
    (service,) = seen.services()
    assert [(one.at, one.seconds) for one in service.probes] == [(1.5, 0.25), (2.5, 0.25), (3.5, 0.25)]
    assert "hunter22" not in service.probes[0].output
    assert service.check is not None
    assert service.check.defined_in == "compose"


def test_an_end_that_an_inspection_saw_first_is_counted_once() -> None:
    seen = recorder()
    seen.event(event("started", 0.1))
    seen.inspected("app", inspection("exited", finished=1))
    assert [moment.kind for moment in seen.services()[0].moments] == ["started", "exited"]
    seen.event(event("exited", 1.0, 3))
    (service,) = seen.services()
    assert [moment.kind for moment in service.moments] == ["started", "exited"]
    assert (service.running, service.exit_code) == (False, 3)


def test_an_inspection_that_sees_the_next_start_does_not_hide_the_end() -> None:
    seen = recorder()
    seen.event(event("started", 0.1))
    seen.event(event("exited", 0.5, 1))
    seen.inspected("app", inspection("running"))
    assert (seen.services()[0].running, seen.services()[0].exit_code) == (False, 1)


def test_ten_thousand_events_keep_the_first_and_the_last() -> None:
    seen = recorder()
    for number in range(5000):
        seen.event(event("started", number))
        seen.event(event("exited", number + 0.5, 1))
    (service,) = seen.services()
    assert len(service.moments) == 100
    assert (service.moments[0].at, service.moments[-1].at) == (0.0, 4999.5)
    assert service.restarts > 20
