"""When a service has settled, and when it is given more time."""

from __future__ import annotations

from dataclasses import replace

from bot.model.measured import Dependency, ServiceRecord
from bot.verify.standing import Standings, standings
from tests.unit.verify.records import failing, healthy, moments


def stand(*services: ServiceRecord, now: float = 20.0, up_ended: bool = True, certain: bool = False) -> Standings:
    return standings(services, now=now, up_ended=up_ended, window_began=None, certain=lambda _service: certain)


def test_an_unhealthy_service_is_given_three_intervals_to_recover() -> None:
    service = failing()  # unhealthy at 15.2, interval 5 s
    waiting = stand(service, now=16.0)
    assert (waiting.of["app"], waiting.look_again_at) == ("waiting", 30.2)
    assert stand(service, now=30.3).of["app"] == "failed"
    assert stand(service, now=16.0, certain=True).of["app"] == "failed"


def test_a_crash_is_a_failure_only_when_it_comes_again_or_was_healthy_before() -> None:
    once = healthy(
        moments=moments((0.2, "started"), (1, "exited")), running=False, status="", restart="always", exit_code=1
    )
    assert stand(once).of["app"] == "waiting"
    assert stand(replace(once, restart="no")).of["app"] == "failed"
    was_healthy = replace(once, moments=moments((0.2, "started"), (1, "healthy"), (2, "exited")))
    assert stand(was_healthy).of["app"] == "failed"
    again = [(n + part, kind) for n in range(4) for part, kind in ((0.1, "started"), (0.5, "exited"))]
    assert stand(replace(once, moments=moments(*again))).of["app"] == "failed"


def test_on_failure_does_not_bring_back_what_ended_well() -> None:
    ended = healthy(moments=moments((0.2, "started"), (1, "exited")), running=False, status="", restart="on-failure")
    assert stand(replace(ended, exit_code=0)).of["app"] == "failed"
    assert stand(replace(ended, exit_code=1)).of["app"] == "waiting"


def test_what_waits_for_something_broken_is_blocked_through_any_number_of_others() -> None:
    def waits(name: str, *needs: str) -> ServiceRecord:
        return healthy(name, moments=(), running=False, status="", needs=tuple(Dependency(service=n) for n in needs))

    found = stand(waits("c", "b"), waits("b", "a"), failing("a"), now=40, up_ended=False)
    assert found.of == {"a": "failed", "b": "blocked", "c": "blocked"}
    assert found.settled
    assert found.failed


def test_what_is_not_started_yet_waits_until_compose_has_ended() -> None:
    idle = healthy(moments=(), running=False, status="")
    assert stand(idle, up_ended=False).of["app"] == "waiting"
    assert stand(idle, up_ended=True).of["app"] == "blocked"
