"""The one table of a report: a row for each service, the columns that were measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.model.health import Answer, HealthReport, Outcome, ServiceHealth, Verdict
from bot.report import figures
from bot.report.markdown import span
from bot.report.plain import clip

NOTHING: Final = "\u2013"  # an en dash: there is nothing to say here
SYMBOLS: Final = {
    Verdict.HEALTHY: "✅",
    Verdict.DONE: "✅",
    Verdict.UNHEALTHY: "❌",
    Verdict.BLOCKED: "⏸",
    Verdict.UNVERIFIED: "⚠️",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One service in words; every cell is prose (backticks mark code).

    Attributes:
        name: The service's name, raw.
        verdict: The verdict as a value, for colours.
        symbol: Its emoji.
        words: The verdict in words: `done (exit 0)`, `blocked by `backend``.
        after: When it was healthy or done.
        check: The slowest run of its check that was measured.
        memory: Peak (limit).
        restarts: A number, or a dash where it never started.
        answers: What its published ports answered.
        note: `one-shot`, `root cause`, `never started`.
    """

    name: str
    verdict: Verdict
    symbol: str
    words: str
    after: str
    check: str
    memory: str
    restarts: str
    answers: tuple[str, ...]
    note: str


def rows(report: HealthReport) -> tuple[Row, ...]:
    """Return the services in file order as rows."""
    return tuple(_row(service, report) for service in report.services)


def _row(service: ServiceHealth, report: HealthReport) -> Row:
    fine = service.verdict in {Verdict.HEALTHY, Verdict.DONE}
    end = service.finished_at if service.one_shot else service.healthy_at
    slowest = max((probe.seconds for probe in service.probes), default=None)
    started = service.started_at is not None
    return Row(
        name=service.name,
        verdict=service.verdict,
        symbol=SYMBOLS[service.verdict],
        words=_words(service),
        after=figures.moment(end) if fine and end is not None else NOTHING,
        check=figures.latency(slowest) if slowest is not None else "" if started else NOTHING,
        memory=figures.memory(service.usage.memory_peak, service.usage.memory_limit),
        restarts=str(service.restarts) if started else NOTHING,
        answers=tuple(answer_words(answer) for answer in report.answers if answer.service == service.name),
        note=_note(service, report),
    )


def _words(service: ServiceHealth) -> str:
    match service.verdict:
        case Verdict.DONE:
            return "done (exit 0)"
        case Verdict.BLOCKED:
            return f"blocked by {span(service.blocked_by)}" if service.blocked_by else "blocked"
        case Verdict.UNVERIFIED:
            unchecked = service.check is None and not service.one_shot and service.started_at is not None
            return "unverified: no health check" if unchecked else "unverified"
        case Verdict.UNHEALTHY if service.one_shot and service.exit_code:
            return f"failed (exit {service.exit_code})"
        case Verdict.UNHEALTHY:
            return "unhealthy"
        case Verdict.HEALTHY:
            return "healthy"


def _note(service: ServiceHealth, report: HealthReport) -> str:
    notes = []
    if service.name == report.root_cause and report.outcome is not Outcome.HEALTHY:
        notes.append("root cause")
    if service.one_shot:
        notes.append("one-shot")
    if service.started_at is None and report.outcome is not Outcome.HEALTHY:
        notes.append("never started")
    if service.oom_killed:
        notes.append("out of memory")
    return ", ".join(notes)


def answer_words(answer: Answer) -> str:
    """Return what a published port answered: `` `GET :8000/health` 200 in 7 ms``."""
    if answer.protocol == "tcp":
        return f"`TCP :{answer.published}` " + (
            f"accepts in {figures.latency(answer.seconds)}" if answer.ok else f"❌ {_why(answer)}"
        )
    asked = span(f"GET :{answer.published}{answer.path or chr(47)}")
    via = f" after {figures.count(len(answer.hops), 'redirect')}" if answer.hops else ""
    if answer.ok:
        return f"{asked} {answer.status}{via} in {figures.latency(answer.seconds)}"
    return f"{asked} ❌ {answer.status or _why(answer)}{via}"


def _why(answer: Answer) -> str:
    return clip(answer.error.strip(), 120) or "no answer"


def worth_showing(report: HealthReport) -> Sequence[str]:
    """Return the optional columns that hold something: of `after`, `check`, `memory`, `restarts`, `answers`, `note`."""
    drawn = rows(report)
    shown = []
    if any(row.after not in {"", NOTHING} for row in drawn):
        shown.append("after")
    if any(row.check not in {"", NOTHING} for row in drawn):
        shown.append("check")
    if report.outcome is Outcome.HEALTHY:
        shown += ["memory"] if any(row.memory for row in drawn) else []
    if report.outcome is not Outcome.HEALTHY or any(service.restarts for service in report.services):
        shown += ["restarts"] if any(row.restarts not in {"", NOTHING} for row in drawn) else []
    if any(row.answers for row in drawn):
        shown.append("answers")
    if any(row.note for row in drawn):
        shown.append("note")
    return shown
