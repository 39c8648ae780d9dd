"""Docker events reduced to what a verification needs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

EventKind = Literal["created", "started", "healthy", "unhealthy", "exited", "oom", "killed", "probed"]

PROJECT_LABEL: Final = "com.docker.compose.project"
SERVICE_LABEL: Final = "com.docker.compose.service"
_KINDS: Final[Mapping[str, EventKind]] = {
    "create": "created",
    "start": "started",
    "die": "exited",
    "oom": "oom",
    "kill": "killed",
    "exec_die": "probed",
    "health_status: healthy": "healthy",
    "health_status: unhealthy": "unhealthy",
}
# Asked for by name: an exec has three events, of which one is of use.
WATCHED: Final = ("create", "start", "die", "oom", "kill", "exec_die", "health_status")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerEvent:
    """Something happened to a container, at `when` seconds since the epoch on the engine's clock."""

    container: str
    service: str
    kind: EventKind
    when: float
    exit_code: int | None = None


def read_event(raw: Mapping[str, Any]) -> ContainerEvent | None:
    """Return the event that the engine's JSON describes; None for one that is of no use here."""
    kind = _KINDS.get(str(raw.get("Action") or ""))
    actor = raw.get("Actor") or {}
    attributes = actor.get("Attributes") or {}
    service = attributes.get(SERVICE_LABEL)
    if kind is None or not service:
        return None
    code = attributes.get("exitCode")
    return ContainerEvent(
        container=str(actor.get("ID", "")),
        service=str(service),
        kind=kind,
        when=int(raw.get("timeNano") or 0) / 1e9,
        exit_code=int(code) if code is not None and str(code).lstrip("-").isdigit() else None,
    )
