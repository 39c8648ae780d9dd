"""The word for each service, from the record alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model.health import Verdict
from bot.model.measured import Record, ServiceRecord
from bot.verify.standing import exits, first

_NOTHING_RAN = frozenset({"no-engine", "refused", "invalid", "build-failed"})
_CUT_SHORT = frozenset({"interrupted", "engine-lost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict; the service that blocks this one; whether only its published port is silent."""

    verdict: Verdict
    blocked_by: str = ""
    silent: bool = False


def verdicts(record: Record) -> Mapping[str, Judged]:
    """Return the verdict of each service.

    A long-running service is healthy only if it ran at the end, its check passed at the end, it was watched for a
    window in which it neither ended nor changed, and its published ports answered.
    """
    own = {service.name: _own(service, record) for service in record.services}
    blockers = {name: judged for name, judged in own.items() if judged.verdict is Verdict.UNHEALTHY}
    missing = {service.name for service in record.services if service.image_error}
    found = dict(own)
    for service in record.services:
        if record.ended in _NOTHING_RAN | _CUT_SHORT:
            continue
        reason = _blocked_by(service, record, set(blockers) | missing)
        if reason and _may_be_blocked(service, own[service.name], blockers):
            found[service.name] = Judged(verdict=Verdict.BLOCKED, blocked_by=reason)
    return _with_start_given_up(record, found)


def _own(service: ServiceRecord, record: Record) -> Judged:
    """Judge a service as if it stood alone."""
    if record.ended in _NOTHING_RAN or service.image_error:
        return Judged(verdict=Verdict.UNVERIFIED)
    if first(service, "started") is None:
        never = service.start_error and record.ended not in _CUT_SHORT
        return Judged(verdict=Verdict.UNHEALTHY if never else Verdict.UNVERIFIED)
    if record.ended in _CUT_SHORT:
        return Judged(verdict=Verdict.UNVERIFIED)
    if service.one_shot:
        done = not service.running and service.exit_code == 0
        return Judged(verdict=Verdict.DONE if done else Verdict.UNHEALTHY)
    return _long_running(service, record)


def _long_running(service: ServiceRecord, record: Record) -> Judged:
    if not service.running or (service.oom_killed and exits(service)) or _ended_while_watched(service, record):
        return Judged(verdict=Verdict.UNHEALTHY)
    if service.check is None:
        # Never healthy, whatever it seems; but one that keeps ending is known to be wrong.
        looping = len(exits(service)) > 1
        return Judged(verdict=Verdict.UNHEALTHY if looping else Verdict.UNVERIFIED)
    if service.status != "healthy" or _given_up(service, record):
        return Judged(verdict=Verdict.UNHEALTHY)
    if any(answer.service == service.name and not answer.ok for answer in record.answers):
        return Judged(verdict=Verdict.UNHEALTHY, silent=True)
    if not _steady(service, record):
        # It was healthy when the watch ended because of another: measured, but not over a whole window.
        others_failed = record.window_began is None
        return Judged(verdict=Verdict.HEALTHY if others_failed else Verdict.UNHEALTHY)
    return Judged(verdict=Verdict.HEALTHY)


def _ended_while_watched(service: ServiceRecord, record: Record) -> bool:
    """Whether it ended after it had been healthy, or during the window."""
    healthy = first(service, "healthy")
    began = record.window_began
    return any(
        (healthy is not None and gone.at >= healthy) or (began is not None and gone.at >= began)
        for gone in exits(service)
    )


def _steady(service: ServiceRecord, record: Record) -> bool:
    """Whether all samples of the window say the same of it."""
    if record.window_began is None:
        return False
    said = {state for sample in record.samples for state in sample.states if state.partition("=")[0] == service.name}
    lost_health = any(m.kind == "unhealthy" and m.at >= record.window_began for m in service.moments)
    return len(said) == 1 and not lost_health and "running" in next(iter(said))


def _given_up(service: ServiceRecord, record: Record) -> bool:
    """Whether it was called unhealthy before it was healthy, and something that waited for it was never started."""
    bad = first(service, "unhealthy")
    if bad is None:
        return False
    return any(
        need.service == service.name and need.condition == "service_healthy" and first(other, "started") is None
        for other in record.services
        for need in other.needs
    )


def _may_be_blocked(service: ServiceRecord, own: Judged, blockers: Mapping[str, Judged]) -> bool:
    """Whether another service may be the reason: it never started, or it failed and is not the reason itself."""
    if first(service, "started") is None:
        return not service.start_error and not service.image_error
    return own.verdict is Verdict.UNHEALTHY and service.name in blockers and not own.silent


def _blocked_by(service: ServiceRecord, record: Record, broken: set[str]) -> str:
    """Return the furthest broken service that this one waits for, through any number of others; "" for none."""
    by_name = {one.name: one for one in record.services}
    found = ""
    queue, seen = [service.name], {service.name}
    while queue:
        for need in by_name[queue.pop(0)].needs:
            if need.service in seen or need.service not in by_name:
                continue
            seen.add(need.service)
            queue.append(need.service)
            if need.service in broken:
                found = need.service
    return found


def _with_start_given_up(record: Record, found: dict[str, Judged]) -> Mapping[str, Judged]:
    """Mark what Compose did not start any more because something else had failed."""
    if record.ended in _NOTHING_RAN | _CUT_SHORT:
        return found
    reason = next((name for name, judged in found.items() if judged.verdict is Verdict.UNHEALTHY), "")
    for service in record.services:
        idle = first(service, "started") is None and found[service.name].verdict is Verdict.UNVERIFIED
        if reason and idle and not service.image_error:
            found[service.name] = Judged(verdict=Verdict.BLOCKED, blocked_by=reason)
    return found
