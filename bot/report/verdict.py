"""The verdict of a report in words: one headline, the cause in a paragraph, the next step.

All strings are prose: backticks mark code, everything else is literal (see `bot.report.markdown`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.model.health import Cause, CauseCode, HealthReport, Outcome, ServiceHealth, Verdict
from bot.report import figures
from bot.report.happened import happened
from bot.report.markdown import span
from bot.report.plain import clause, clip, sentence

# Causes that explain what was seen, so that "because" is true of them; the others only name it.
_EXPLAINS: Final[frozenset[CauseCode]] = frozenset(
    {
        "ipv6-localhost",
        "program-missing",
        "http-status",
        "wrong-port",
        "connection-refused",
        "missing-variable",
        "permission-denied",
        "missing-directory",
        "disk-full",
        "architecture",
        "port-taken",
        "slow-probe",
    }
)
_FINE: Final = frozenset({Verdict.HEALTHY, Verdict.DONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said of a whole report.

    Attributes:
        symbol: One emoji; the words alone carry the meaning too.
        state: The word before the colon: `Healthy`, `Not healthy`, `Unverified`.
        rest: What follows the colon.
        paragraph: Why, in a few sentences; "" where the headline says it all.
        next_step: What a person does now; "" where there is nothing to do.
    """

    symbol: str
    state: str
    rest: str
    paragraph: str = ""
    next_step: str = ""

    @property
    def headline(self) -> str:
        """The first line that anybody reads."""
        return f"{self.symbol} {self.state}: {self.rest}"


def fine(services: Sequence[ServiceHealth]) -> int:
    """Return how many services are healthy, or ended well."""
    return sum(service.verdict in _FINE for service in services)


def words(report: HealthReport) -> Words:
    """Return what is said of `report`; every outcome has its own right words."""
    return {
        Outcome.HEALTHY: _healthy,
        Outcome.UNHEALTHY: _unhealthy,
        Outcome.UNVERIFIED: _unverified,
        Outcome.BUILD_FAILED: _build_failed,
        Outcome.INVALID: _invalid,
        Outcome.REFUSED: _refused,
        Outcome.TIMEOUT: _timeout,
        Outcome.NO_ENGINE: _no_engine,
        Outcome.INTERRUPTED: _interrupted,
    }[report.outcome](report)


def ready_after(report: HealthReport) -> float | None:
    """Return the second at which the last service was healthy or done; None where one never was."""
    ends = [service.finished_at if service.one_shot else service.healthy_at for service in report.services]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def _healthy(report: HealthReport) -> Words:
    parts = [f"{fine(report.services)} of {figures.count(len(report.services), 'service')}"]
    after = ready_after(report)
    if after is not None:
        parts.append(f"{figures.moment(after)} after start")
    if report.window:
        parts.append(f"steady for {figures.span(report.window)}")
    return Words(symbol="✅", state="Healthy", rest=", ".join(parts))


def _unhealthy(report: HealthReport) -> Words:
    service = _service(report)
    rest = f"{fine(report.services)} of {figures.count(len(report.services), 'service')} healthy"
    if service is not None:
        return _explained(report, symbol="❌", state="Not healthy", rest=_broken(service, report.cause), title="")
    if report.root_cause:
        rest = f"{span(report.root_cause)} failed"
    return _explained(report, symbol="❌", state="Not healthy", rest=rest)


def _broken(service: ServiceHealth, cause: Cause | None) -> str:
    """What happened to the service that broke first, and why where the cause explains it; without saying it twice."""
    name, title = span(service.name), _title(cause)
    if cause is None or not title:
        return f"{name} {happened(service)}"
    if cause.code in _EXPLAINS:
        return f"{name} {happened(service)}, because {title}"
    if title.startswith("it "):
        return f"{name} {title.removeprefix('it ')}"
    return f"{name}: {title}" if cause.code == "port-silent" else f"{name} {happened(service)}: {title}"


def _title(cause: Cause | None) -> str:
    return clip(cause.title.strip().rstrip("."), 200) if cause else ""


def _unverified(report: HealthReport) -> Words:
    total = len(report.services)
    if report.cause and report.cause.code == "image-unavailable":
        return _explained(report, symbol="⚠️", state="Unverified", rest=_title(report.cause), title="")
    missing = [service for service in report.services if service.verdict is Verdict.UNVERIFIED]
    if missing:
        names = figures.listed([span(service.name) for service in missing], 3)
        unchecked = all(service.cause is not None and service.cause.code == "no-check" for service in missing)
        why = f"could not be judged{', for want of a health check' if unchecked else ''}"
        if len(missing) == 1 and missing[0].cause:
            why = f"could not be judged: {_title(missing[0].cause)}"
        rest = f"{fine(report.services)} of {figures.count(total, 'service')} healthy; {names} {why}"
        return _explained(report, symbol="⚠️", state="Unverified", rest=rest, title="")
    if report.cause:
        return _explained(report, symbol="⚠️", state="Unverified", rest=_title(report.cause), title="")
    rest = _clause(report.unverified[0]) if report.unverified else "nothing was measured"
    return _explained(report, symbol="⚠️", state="Unverified", rest=rest)


def _build_failed(report: HealthReport) -> Words:
    failed = [build for build in report.builds if not build.ok]
    rest = "an image could not be built"
    if failed:
        step = f" at {span(failed[0].failed_step)}" if failed[0].failed_step else ""
        names = figures.listed([span(build.service) for build in failed], 3)
        rest = f"{names}{step if len(failed) == 1 else ''}"
    title = _title(report.cause)
    if report.cause and (report.cause.code != "build-step" or any(build.service in title for build in failed)):
        rest, title = title, ""  # it says itself what could not be built, and why
    said = _explained(
        report,
        title=title,
        symbol="❌",
        state="Build failed",
        rest=rest,
        otherwise="mend the step that failed; its last lines are here" if failed else "",
    )
    return replace(said, paragraph=f"{said.paragraph} Nothing was started.".strip())


def _invalid(report: HealthReport) -> Words:
    rest = f"{report.cause.title if report.cause else 'the compose file cannot be used'}; nothing was built"
    return _explained(
        report,
        symbol="❌",
        state="Not a valid stack",
        rest=rest,
        otherwise="mend the compose file; `docker compose config` shows the same error",
    )


def _refused(report: HealthReport) -> Words:
    found = figures.count(len(report.findings), "finding")
    rest = f"{found} would let the stack out of its box; nothing was built or started"
    if not report.findings:
        rest = "the stack could leave its box; nothing was built or started"
    return _explained(
        report,
        symbol="⛔",
        state="Refused",
        rest=rest,
        otherwise="remove what is listed, or allow it in the repository's configuration if you trust this stack",
    )


def _timeout(report: HealthReport) -> Words:
    waiting = [service for service in report.services if service.verdict not in _FINE]
    first = _service(report)
    title = _title(report.cause)
    names = [first] if first is not None and first in waiting else waiting[:3]
    still = figures.listed([span(service.name) for service in names])
    limit = f"after {figures.span(report.timeout)}" if report.timeout else "at its time-out"
    rest = f"stopped {limit}, {still or 'the build'} was still not ready"
    return _explained(
        report,
        symbol="❌",
        state="Not healthy in time",
        rest=rest.replace("was still", "were still") if len(names) > 1 else rest,
        title="" if title.startswith("it ") else title,
        otherwise="give it longer with `--timeout`, or look below at what it was doing",
    )


def _no_engine(report: HealthReport) -> Words:
    return _explained(
        report,
        symbol="⚠️",
        state="Unverified",
        rest="no Docker engine answers here, so nothing was built or started",
        otherwise="start Docker and run `groundwork verify` again",
    )


def _interrupted(report: HealthReport) -> Words:
    after = sum((report.seconds or {}).values())
    when = f"interrupted after {figures.span(after)}" if after else "interrupted"
    rest = f"{when}, before a verdict"
    if not report.left_behind:
        rest += "; what had been started was taken down"
    return _explained(report, symbol="⚠️", state="Unverified", rest=rest, otherwise="run the verification again")


def _explained(
    report: HealthReport, *, symbol: str, state: str, rest: str, title: str | None = None, otherwise: str = ""
) -> Words:
    """Add the cause's title to the headline ("": the headline has it already), its explanation, and the next step."""
    cause = report.cause
    if cause is None:
        rest, step = clip(rest, 240), otherwise
        return Words(symbol=symbol, state=state, rest=rest, paragraph=_reasons(report, rest), next_step=step)
    title = _title(cause) if title is None else title
    if title and title not in rest:
        rest = f"{rest}, because {title}" if cause.code in _EXPLAINS else f"{rest}: {title}"
    paragraph = clip(cause.explanation.strip() or _reasons(report, rest), 1200)
    return Words(
        symbol=symbol,
        state=state,
        rest=clip(rest, 400),
        paragraph=paragraph,
        next_step=clip(clause(cause.next_step), 400) or otherwise,
    )


def _reasons(report: HealthReport, said: str) -> str:
    """The first reasons for what was not measured, where the headline does not say them already."""
    if report.outcome not in {Outcome.UNVERIFIED, Outcome.NO_ENGINE, Outcome.INTERRUPTED}:
        return ""
    fresh = [reason for reason in report.unverified if _clause(reason) != said]
    return sentence(fresh[0]) if fresh else ""


def how_often(report: HealthReport) -> str:
    """Return ` 3 times in 31 s`: how often the check showed the evidence; "" where once or unknown."""
    service = _service(report)
    if service is None or report.cause is None or not report.cause.evidence:
        return ""
    seen = [probe for probe in service.probes if report.cause.evidence[0] in probe.output]
    if len(seen) < 2 or "Seen " in report.cause.explanation:  # the explanation counts already
        return ""
    return f" {len(seen)} times in {figures.span(seen[-1].at + seen[-1].seconds - seen[0].at)}"


def _service(report: HealthReport) -> ServiceHealth | None:
    named = [service for service in report.services if service.name == report.root_cause]
    broken = [service for service in report.services if service.verdict is Verdict.UNHEALTHY]
    return next(iter(named or broken), None)


def _clause(words: str) -> str:
    return clip(clause(words), 240)


def unsaid(report: HealthReport) -> tuple[str, ...]:
    """Return the reasons for what was not measured that neither headline nor paragraph say already."""
    said = words(report)
    told = f"{said.rest} {said.paragraph}"
    return tuple(
        reason for reason in report.unverified if _clause(reason) not in told and reason.strip(". ") not in told
    )


def hastened(report: HealthReport) -> str:
    """Return what the times of healthy services owe to checks that were asked more often, "" where none were."""
    asked = len(report.hastened)
    if not asked:
        return ""
    return (
        f"While starting, {figures.count(asked, 'service')} {'was' if asked == 1 else 'were'} asked for health twice a "
        f"second. Asked as the compose file says, {'it is' if asked == 1 else 'they are'} called healthy up to one "
        "interval later."
    )
