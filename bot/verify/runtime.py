"""The runtime rules: what a verification measured, as findings beside those of the static rules. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.model.finding import Finding, Severity
from bot.model.health import ServiceHealth, Verdict
from bot.model.measured import Place, Record
from bot.verify.standing import first

CODES: Final = {
    "all-healthy": "RT01",
    "starting-too-long": "RT02",
    "probe-duration": "RT03",
    "published-responds": "RT04",
    "log-errors": "RT05",
    "root-owned-files": "RT06",
    "stack-left-running": "RT07",
}
_SLOW_START: Final = 120.0
_SLOW_PROBE: Final = 3.0
_WRONG: Final = frozenset({Verdict.UNHEALTHY, Verdict.UNVERIFIED})


def runtime_findings(record: Record, services: tuple[ServiceHealth, ...]) -> tuple[Finding, ...]:
    """Return what the runtime rules find; nothing where no container was started."""
    if record.ended in {"no-engine", "refused", "invalid", "build-failed", "interrupted", "engine-lost"}:
        return tuple(_left(record))
    found = [finding for service in services for finding in _of(service, record)]
    for answer in record.answers:
        if not answer.ok:
            place = next((service.place for service in services if service.name == answer.service), None)
            message = f"Port {answer.published or answer.target} of `{answer.service}` does not answer: {answer.error}."
            found.append(_finding("published-responds", Severity.ERROR, place, message, record))
    return (*found, *_left(record))


def _of(service: ServiceHealth, record: Record) -> Iterator[Finding]:
    at = (service.check.place if service.check is not None else None) or service.place
    name = service.name
    if service.verdict in _WRONG:
        why = service.cause.title if service.cause is not None else "it was not measured to the end"
        severity = Severity.ERROR if service.verdict is Verdict.UNHEALTHY else Severity.WARNING
        place = (service.cause.place if service.cause is not None else None) or at
        yield _finding("all-healthy", severity, place, f"`{name}` is {service.verdict}: {why}.", record)
    if service.check is not None and service.started_at is not None:
        seen = next(one for one in record.services if one.name == name)
        until = service.healthy_at if service.healthy_at is not None else first(seen, "exited")
        needed = (until if until is not None else _watched(record)) - service.started_at
        if needed > _SLOW_START:
            message = f"`{name}` was starting for {needed:.0f} s, more than two minutes."
            yield _finding("starting-too-long", Severity.WARNING, at, message, record)
    slowest = max((probe.seconds for probe in service.probes), default=0.0)
    if slowest > _SLOW_PROBE:
        message = f"The check of `{name}` took up to {slowest:.1f} s; a check should answer within 3 s."
        yield _finding("probe-duration", Severity.WARNING, at, message, record)
    if service.log_errors:
        message = f"`{name}` reports errors in its log: `{service.log_errors[-1][:160]}`."
        yield _finding("log-errors", Severity.WARNING, service.place, message, record)
    if service.root_owned:
        shown = ", ".join(f"`{path}`" for path in service.root_owned[:3])
        message = f"`{name}` left files that belong to root in a bind mount: {shown}."
        yield _finding("root-owned-files", Severity.WARNING, service.place, message, record)


def _watched(record: Record) -> float:
    """Return for how long the start was watched, in seconds."""
    return (record.seconds or {}).get("start", 0.0)


def _left(record: Record) -> Iterator[Finding]:
    if record.left_behind:
        message = f"Still there after taking the stack down: {', '.join(record.left_behind[:5])}."
        yield _finding("stack-left-running", Severity.ERROR, None, message, record)


def _finding(rule: str, severity: Severity, place: Place | None, message: str, record: Record) -> Finding:
    path, line = (place.path, place.line) if place is not None else (record.path, 0)
    return Finding(rule=rule, code=CODES[rule], severity=severity, path=path, line=max(line, 1), message=message)
