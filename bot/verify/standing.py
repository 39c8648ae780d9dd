"""How a service stands while it is watched, and when nothing more is to be expected. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from bot.model.measured import Moment, ServiceRecord

Standing = Literal["waiting", "up", "done", "failed", "blocked", "absent"]

LOOP_EXITS: Final = 4
_SHORTEST_GRACE: Final = 3.0
_LONGEST_GRACE: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """How all stand.

    Attributes:
        of: By service.
        settled: Nothing more is to be expected of any.
        failed: At least one failed or is blocked.
        look_again_at: Seconds since start-up began at which time alone changes something; None: only events do.
    """

    of: Mapping[str, Standing]
    settled: bool
    failed: bool
    look_again_at: float | None


def standings(
    services: Iterable[ServiceRecord],
    *,
    now: float,
    up_ended: bool,
    window_began: float | None,
    certain: Callable[[ServiceRecord], bool],
) -> Standings:
    """Conclude how each service stands.

    `up_ended`: Compose will start nothing more. `certain`: what is known of an unhealthy service rules out that it
    recovers by itself, so that nobody needs to wait for it.
    """
    services = tuple(services)
    own = {s.name: _own(s, now, window_began, certain) for s in services}
    found = _with_blocked(services, own, up_ended=up_ended)
    due = [
        at + grace(s)
        for s in services
        if found[s.name] == "waiting" and (at := _unhealthy_since(s)) is not None and at + grace(s) > now
    ]
    return Standings(
        of=found,
        settled="waiting" not in found.values(),
        failed=bool({"failed", "blocked"} & set(found.values())),
        look_again_at=min(due, default=None),
    )


def grace(service: ServiceRecord) -> float:
    """Return for how many seconds an unhealthy service is given the chance to recover."""
    interval = service.check.interval if service.check else 0.0
    return min(max(3 * interval, _SHORTEST_GRACE), _LONGEST_GRACE)


def exits(service: ServiceRecord) -> tuple[Moment, ...]:
    """Return the moments at which its container ended."""
    return tuple(moment for moment in service.moments if moment.kind == "exited")


def comes_back(service: ServiceRecord) -> bool:
    """Whether the engine starts it again after its last exit."""
    if service.restart == "on-failure":
        return bool(service.exit_code)
    return service.restart in {"always", "unless-stopped"}


def first(service: ServiceRecord, kind: str) -> float | None:
    """Return when `kind` happened first, None for never."""
    return next((moment.at for moment in service.moments if moment.kind == kind), None)


def _own(
    service: ServiceRecord, now: float, window_began: float | None, certain: Callable[[ServiceRecord], bool]
) -> Standing:
    """Conclude from the service alone."""
    if service.image_error:
        return "absent"
    if first(service, "started") is None:
        return "failed" if service.start_error else "waiting"
    if service.one_shot:
        return _ending(service)
    ended = exits(service)
    lost = bool(ended) and _was_healthy(service, ended[-1].at)
    if lost or (len(ended) >= LOOP_EXITS and service.status != "healthy"):
        return "failed"
    if not service.running:
        return "waiting" if comes_back(service) and not service.start_error else "failed"
    return _running(service, now, window_began, certain)


def _ending(service: ServiceRecord) -> Standing:
    """Conclude for a service that is meant to end."""
    if service.running:
        return "waiting"
    if service.exit_code == 0:
        return "done"
    return "waiting" if comes_back(service) and len(exits(service)) < LOOP_EXITS else "failed"


def _running(
    service: ServiceRecord, now: float, window_began: float | None, certain: Callable[[ServiceRecord], bool]
) -> Standing:
    if service.check is None or service.status == "healthy":
        return "up"
    since = _unhealthy_since(service)
    if since is None:
        return "waiting"
    over = now - since >= grace(service)
    return "failed" if over or window_began is not None or certain(service) else "waiting"


def _was_healthy(service: ServiceRecord, until: float) -> bool:
    """Whether it had been healthy when it ended at `until`: then the end is a failure, also if it comes back."""
    return any(moment.kind == "healthy" and moment.at <= until for moment in service.moments)


def _unhealthy_since(service: ServiceRecord) -> float | None:
    if service.status != "unhealthy":
        return None
    return next((moment.at for moment in reversed(service.moments) if moment.kind == "unhealthy"), None)


def _with_blocked(
    services: tuple[ServiceRecord, ...], own: Mapping[str, Standing], *, up_ended: bool
) -> dict[str, Standing]:
    """Mark what waits for something that will not come; in as many rounds as chains are long."""
    found = dict(own)
    changed = True
    while changed:
        changed = False
        for service in services:
            if found[service.name] != "waiting" or first(service, "started") is not None:
                continue
            needed = [found.get(need.service, "absent") for need in service.needs if need.required]
            if {"failed", "blocked", "absent"} & set(needed):
                found[service.name] = "blocked"
                changed = True
    if up_ended:
        for service in services:
            if found[service.name] == "waiting" and first(service, "started") is None:
                needs_waiting = any(found.get(need.service) == "waiting" for need in service.needs)
                found[service.name] = "waiting" if needs_waiting else "blocked"
    return found
