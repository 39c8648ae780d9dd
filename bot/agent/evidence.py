"""What the rules and a verification found, as one message for the model: what caused the rest comes first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from bot.model.finding import Finding, Severity
from bot.model.health import Cause, HealthReport, Outcome, ServiceHealth, Verdict

_MOST_FINDINGS: Final = 40
_LOG_LINES: Final = 25
_BUILD_LINES: Final = 40
_WEIGHT: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_GOOD: Final = frozenset({Verdict.HEALTHY, Verdict.DONE})


def evidence(findings: Iterable[Finding], health: HealthReport | None) -> str:
    """Return all that is known to be wrong, most causal first."""
    parts = [*(_health(health) if health else ()), *_findings(findings)]
    return "\n\n".join(parts) or "The checks found nothing."


def signature(findings: Iterable[Finding], health: HealthReport | None) -> str:
    """Return what identifies a failure, whatever its times and line numbers: the same twice means no progress."""
    told = [f"{one.rule} {one.path}" for one in findings if one.severity is not Severity.INFO]
    if health is not None and health.outcome is not Outcome.HEALTHY:
        cause = health.cause
        told.append(
            f"{health.outcome} {health.root_cause} {cause.code if cause else ''} {cause.title if cause else ''}"
        )
        told += [f"{one.name} {one.verdict}" for one in health.services if one.verdict not in _GOOD]
        told += [f"{one.service} {one.failed_step}" for one in health.builds if not one.ok]
    return "\n".join(sorted(told))


def _health(health: HealthReport) -> Iterator[str]:
    if health.outcome is Outcome.HEALTHY:
        yield "Verification: healthy. Each service was built, started, became healthy, answered and stayed up."
        return
    lines = [f"Verification: {health.outcome.value}."]
    if health.cause:
        where = f" (service `{health.root_cause}`)" if health.root_cause else ""
        lines.append(f"Root cause{where}: {_cause(health.cause)}")
    yield "\n".join(lines)
    if health.findings:
        yield "Refused before anything was built, because the stack could leave its box:\n" + _listed(health.findings)
    for build in health.builds:
        if not build.ok:
            place = f" at {build.place.path}:{build.place.line}" if build.place else ""
            tail = "\n".join(build.lines[-_BUILD_LINES:])
            yield f"The build of `{build.service}` failed{place}: {build.failed_step}\n{tail}"
    bad = [one for one in health.services if one.verdict not in _GOOD]
    bad.sort(key=lambda one: (one.name != health.root_cause, one.verdict is Verdict.BLOCKED))
    for service in bad:
        yield _service(service)
    silent = [one for one in health.answers if not one.ok]
    if silent:
        yield "No good answer from outside:\n" + "\n".join(
            f"- `{one.service}` port {one.published}{one.path}: {one.error or one.status}" for one in silent
        )
    if health.observed:
        yield "Seen while it ran:\n" + _listed(health.observed)
    if health.unverified:
        yield "Not measured:\n" + "\n".join(f"- {line}" for line in health.unverified)


def _cause(cause: Cause) -> str:
    place = f" [{cause.place.path}:{cause.place.line}]" if cause.place else ""
    seen = "".join(f"\n  | {line}" for line in cause.evidence)
    return f"{cause.title}{place}. {cause.explanation} {cause.next_step}".strip() + seen


def _service(service: ServiceHealth) -> str:
    lines = [f"Service `{service.name}`: {service.verdict.value}"]
    if service.blocked_by:
        lines[0] += f", because of `{service.blocked_by}`"
    if service.exit_code is not None:
        lines.append(f"exit status {service.exit_code}, {service.restarts} restarts")
    if service.cause:
        lines.append(_cause(service.cause))
    if service.check:
        lines.append(f"its check: {service.check.command}")
    if service.probes:
        last = service.probes[-1]
        lines.append(f"last probe: status {last.exit_code}, {last.seconds:.1f} s: {last.output.strip()[:500]}")
    if service.log:
        lines += ["last lines of its log:", *(f"  | {line}" for line in service.log[-_LOG_LINES:])]
    return "\n".join(lines)


def _findings(findings: Iterable[Finding]) -> Iterator[str]:
    ordered = sorted(findings, key=lambda one: (_WEIGHT[one.severity], one.path, one.line))
    if ordered:
        more = len(ordered) - _MOST_FINDINGS
        yield "The rules found:\n" + _listed(ordered[:_MOST_FINDINGS]) + (f"\n- and {more} more" if more > 0 else "")


def _listed(findings: Iterable[Finding]) -> str:
    return "\n".join(_finding(one) for one in findings)


def _finding(finding: Finding) -> str:
    mend = f" Mend: {finding.fix.description}." if finding.fix else ""
    return f"- {finding.path}:{finding.line} {finding.severity.value} {finding.rule}: {finding.message}{mend}"
