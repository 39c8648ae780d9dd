"""What was measured of a service that is not fine, as a predicate."""

from __future__ import annotations

from bot.model.health import ServiceHealth
from bot.report import figures


def happened(service: ServiceHealth) -> str:
    """Return what was measured of a service that is not fine, as a predicate: `never became healthy`."""
    if service.oom_killed:
        return "ran out of memory and was killed"
    if service.one_shot and service.exit_code:
        return f"ended with exit {service.exit_code}"
    if service.started_at is None:
        return "was never started" if service.created_at is None else "could not be started"
    if not service.running and service.exit_code is not None:
        after = f" after {figures.count(service.restarts, 'restart')}" if service.restarts else ""
        was = "was healthy, then " if service.healthy_at is not None else ""
        return f"{was}exited with {service.exit_code}{after}"
    return _while_running(service)


def _while_running(service: ServiceHealth) -> str:
    if service.healthy_at is None and service.check is not None:
        return "never became healthy"
    if service.restarts:
        return f"restarted {figures.count(service.restarts, 'time')}"
    return "did not stay healthy" if service.healthy_at is not None else "is not healthy"
