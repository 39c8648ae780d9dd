"""The folded parts of a health report, most useful first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.model.health import Build, HealthReport, ServiceHealth, StandIn, Verdict
from bot.model.proposal import Attempt
from bot.report import diagrams, figures, logs, plain
from bot.report.markdown import code, details, fence, html_code, opening, place, prose, span, table
from bot.report.plain import sentence
from bot.report.verdict import hastened, unsaid

_LOG_LINES: Final = (40, 12, 4)
_MOST_LOGS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One folded part: its forms from long to short, and what to call it."""

    name: str
    forms: tuple[str, ...]


def sections(report: HealthReport, attempts: Sequence[Attempt] = ()) -> list[Section]:
    """Return the folded parts that have something to say, in order of use to a reader."""
    found = [
        *[_build(build) for build in report.builds if not build.ok and build.lines][:_MOST_LOGS],
        *_logs(report),
        _listed("What was not verified", (*unsaid(report), *stand_in_words(report.stand_ins))),
        _checks(report),
        _chart("Start-up, service by service", diagrams.startup_gantt(report), hastened(report)),
        _chart("What waits for what", diagrams.health_graph(report)),
        _listed("Suggestions", report.suggestions),
        _log_errors(report),
        _root_owned(report),
        _attempts(attempts),
    ]
    return [section for section in found if section is not None]


def _build(build: Build) -> Section:
    where = f" ({place(build.place.path, build.place.line)})" if build.place else ""
    step = f"Failed at {code(build.failed_step, limit=300)}{where}:\n\n" if build.failed_step else ""
    return _log(f"of the build of {html_code(build.service)}", f"the build log of {build.service}", build.lines, step)


def _logs(report: HealthReport) -> list[Section]:
    """The logs of what is not fine, the root cause first; a blocked service's log only where it ran."""
    told = [
        service for service in report.services if service.log and service.verdict not in {Verdict.HEALTHY, Verdict.DONE}
    ]
    told.sort(key=lambda service: (service.name != report.root_cause, service.verdict is Verdict.BLOCKED))
    return [
        _log(f"of {html_code(service.name)}", f"the log of {service.name}", service.log)
        for service in told[:_MOST_LOGS]
    ]


def _log(whose: str, name: str, log: Sequence[str], before: str = "") -> Section:
    forms = []
    longest = logs.last(log, _LOG_LINES[0])
    for most in _LOG_LINES:
        kept = longest[-most:]
        summary = f"Last {figures.count(len(kept), 'line')} {whose}".replace("Last 1 line", "Last line")
        forms.append(details(summary, before + fence("\n".join(kept))))
    return Section(name=prose(name, limit=80), forms=tuple(dict.fromkeys(forms)))


def _listed(title: str, sentences: Sequence[str]) -> Section | None:
    if not sentences:
        return None
    forms = []
    for most in (40, 10):
        kept = [opening(prose(sentence(words), limit=600)) for words in sentences[:most]]
        kept += [f"and {len(sentences) - most} more"] if len(sentences) > most else []
        forms.append(details(title, kept[0] if len(kept) == 1 else "\n".join(f"- {line}" for line in kept)))
    return Section(name=title[0].lower() + title[1:], forms=tuple(dict.fromkeys(forms)))


def stand_in_words(stand_ins: Sequence[StandIn]) -> tuple[str, ...]:
    """Return, as prose, at most one sentence that says which images were not the official ones."""
    if not stand_ins:
        return ()
    images = figures.listed([span(one.image) for one in stand_ins], 12)
    actual = ", ".join(one.actual for one in stand_ins[:12])
    if len(stand_ins) == 1:
        return (f"The image {images} was a local stand-in: {actual}.",)
    return (f"The images {images} were local stand-ins: {actual}.",)


def _checks(report: HealthReport) -> Section | None:
    """What each check of a service that is not fine asked, and what it got."""
    told = [
        service
        for service in report.services
        if service.check and service.probes and service.verdict not in {Verdict.HEALTHY, Verdict.DONE}
    ]
    if not told:
        return None
    return Section(
        name="the checks, run by run",
        forms=(details("The checks, run by run", "\n\n".join(_check(service) for service in told[:_MOST_LOGS])),),
    )


def _check(service: ServiceHealth) -> str:
    check = service.check
    if check is None:  # the caller chose services with a check
        return ""
    where = f" ({place(check.place.path, check.place.line)})" if check.place else f" (in the {check.defined_in} file)"
    drawn = [
        (
            figures.moment(probe.at),
            figures.latency(probe.seconds),
            str(probe.exit_code),
            code(logs.output(probe.output, limit=240)),
        )
        for probe in service.probes[-6:]
    ]
    times = (
        f"every {figures.span(check.interval)}, time-out {figures.span(check.timeout)}, {check.retries} retries, "
        f"start period {figures.span(check.start_period)}; unhealthy after {figures.span(check.worst_case)} at most"
    )
    return "\n".join(
        (
            f"{code(service.name, limit=64)}: {code(check.command, limit=300)}{where}, {times}.",
            "",
            table(("at", "took", "exit", "said"), ("--:", "--:", "--:", "---"), drawn),
        )
    )


def _chart(title: str, chart: str, below: str = "") -> Section | None:
    if not chart:
        return None
    body = fence(chart, "mermaid") + (f"\n\n{below}" if below else "")
    return Section(name=title[0].lower() + title[1:], forms=(details(title, body),))


def _log_errors(report: HealthReport) -> Section | None:
    """Errors in the logs of services that count as healthy: worth a look, no verdict."""
    told = [
        f"{plain.line(service.name, limit=64)}: {logs.output(line, limit=400)}"
        for service in report.services
        if service.verdict in {Verdict.HEALTHY, Verdict.DONE}
        for line in service.log_errors[:5]
    ]
    if not told:
        return None
    shown = told[:20]
    looks = "looks like an error" if len(told) == 1 else "look like errors"
    title = f"{figures.count(len(told), 'line')} in the logs of healthy services that {looks}"
    return Section(name="log lines that look like errors", forms=(details(title, fence("\n".join(shown))),))


def _root_owned(report: HealthReport) -> Section | None:
    told = [(service.name, path) for service in report.services for path in service.root_owned[:10]]
    if not told:
        return None
    lines = "\n".join(f"{plain.line(name, limit=64)}: {plain.line(path, limit=400)}" for name, path in told[:20])
    words = "Files that containers left in your tree as root"
    return Section(name="files owned by root", forms=(details(words, fence(lines)),))


def _attempts(attempts: Sequence[Attempt]) -> Section | None:
    if len(attempts) < 2:
        return None
    drawn = [
        (
            str(attempt.number),
            code(attempt.commit[:7]) if attempt.commit else "",
            attempt.outcome.replace("-", " "),
            prose(attempt.words, limit=200),
            figures.span(attempt.seconds) if attempt.seconds else "",
        )
        for attempt in attempts[-20:]
    ]
    body = table(("", "commit", "outcome", "what it showed", "took"), ("--:", "---", "---", "---", "--:"), drawn)
    return Section(name="the attempts", forms=(details(f"The {len(attempts)} attempts", body),))
