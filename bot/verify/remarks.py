"""What would be better though it works: each from a measured figure, one sentence. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.model.measured import Place, Record, ServiceRecord
from bot.verify.causes.probing import suggested_period
from bot.verify.standing import exits, first

_SLOW_PROBE: Final = 3.0
_SLOW_START: Final = 120.0
_NEAR: Final = 0.9
_WASTEFUL: Final = 4.0


def suggestions(record: Record) -> tuple[str, ...]:
    """Return what to better, in the order of services."""
    return (*record.remarks, *(said for service in record.services for said in _of(service, record)))


def suggested_start_period(service: ServiceRecord) -> float | None:
    """Return a better start period than the one in force; None where that one is fine, or nothing was measured."""
    needed = _needed(service)
    if needed is None or service.check is None:
        return None
    better = suggested_period(needed)
    period = service.check.start_period
    if period < needed or period > _WASTEFUL * better:
        return better
    return None


def _needed(service: ServiceRecord) -> float | None:
    begun, healthy = first(service, "started"), first(service, "healthy")
    return None if begun is None or healthy is None else max(0.0, healthy - begun)


def _of(service: ServiceRecord, record: Record) -> Iterator[str]:
    name, check = service.name, service.check
    at = _at(check.place if check and check.place else service.place)
    needed = _needed(service)
    better = suggested_start_period(service)
    if check is not None and needed is not None and better is not None:
        if check.start_period > needed:
            yield (
                f"`{name}` needed {needed:.1f} s; its `start_period: {check.start_period:g}s` hides a failure for "
                f"{_long(check.start_period)}: {better:g} s would do{at}."
            )
        elif first(service, "unhealthy") is not None:
            yield (
                f"`{name}` needed {needed:.1f} s and was unhealthy before: `start_period: {better:g}s` would spare "
                f"that{at}."
            )
    if needed is not None and needed > _SLOW_START:
        yield f"`{name}` needed {needed:.0f} s to become healthy, more than two minutes{at}."
    slowest = max((probe.seconds for probe in service.probes), default=0.0)
    if slowest > _SLOW_PROBE:
        yield f"The check of `{name}` took up to {slowest:.1f} s; a check should answer within 3 s{at}."
    if check is not None and needed is None and check.worst_case > record.timeout > 0:
        yield (
            f"The engine would call `{name}` unhealthy after {check.worst_case:g} s at the latest, later than the "
            f"time-out in force ({record.timeout:g} s){at}."
        )
    if exits(service) and service.running and not service.one_shot:
        code = exits(service)[-1].exit_code
        times = "once" if service.restarts == 1 else f"{service.restarts} times"
        yield f"`{name}` was restarted {times} before it stayed up (exit status {code}){at}."
    yield from _of_usage(service)
    if service.root_owned:
        shown = ", ".join(f"`{path}`" for path in service.root_owned[:3])
        yield f"`{name}` left files that belong to root in a bind mount: {shown}{_at(service.place)}."
    if service.log_errors and service.running:
        yield f"`{name}` reports errors in its log: `{service.log_errors[-1][:160]}`."


def _of_usage(service: ServiceRecord) -> Iterator[str]:
    usage = service.usage
    if usage.memory_limit and usage.memory_peak > _NEAR * usage.memory_limit:
        yield (
            f"`{service.name}` used {usage.memory_peak / 2**20:.0f} of its {usage.memory_limit / 2**20:.0f} MB"
            f"{_at(service.place)}."
        )


def _at(place: Place | None) -> str:
    return f" (`{place.path}:{place.line}`)" if place is not None and place.line else ""


def _long(seconds: float) -> str:
    return "a minute" if seconds == 60 else f"{seconds:g} s"
