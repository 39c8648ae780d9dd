"""The judgement: from the record to the report. Pure, so that anybody can judge a recorded verification again."""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import InvalidValueError
from bot.model.health import Cause, HealthReport, Outcome, ServiceHealth, Verdict
from bot.model.measured import Answer, Record, ServiceRecord
from bot.verify.causes.all import find_cause
from bot.verify.causes.evidence import Evidence
from bot.verify.causes.running import image_unavailable
from bot.verify.causes.whole import whole_cause
from bot.verify.remarks import suggested_start_period, suggestions
from bot.verify.runtime import runtime_findings
from bot.verify.standing import first
from bot.verify.verdict import Judged, verdicts

_EARLY: Mapping[str, Outcome] = {
    "no-engine": Outcome.NO_ENGINE,
    "refused": Outcome.REFUSED,
    "invalid": Outcome.INVALID,
    "interrupted": Outcome.INTERRUPTED,
    "engine-lost": Outcome.UNVERIFIED,
}


def judge(record: Record) -> HealthReport:
    """Return the report that follows from `record`, and from nothing else."""
    judged = verdicts(record)
    services = tuple(_service(service, judged[service.name], record) for service in record.services)
    root = _root(services, record)
    outcome = _outcome(record, services)
    cause = None
    if outcome is not Outcome.HEALTHY:
        of_root = next((service.cause for service in services if service.name == root), None)
        cause = whole_cause(record, outcome, services) or of_root or _first_cause(services)
        silent = next((answer for answer in record.answers if not answer.ok), None)
        if cause is None and silent is not None:  # of a service that nothing else is known of, such as a one-shot
            root = silent.service
            cause = next((_silent(one, silent) for one in record.services if one.name == root), None)
    return HealthReport(
        outcome=outcome,
        commit=record.commit,
        dirty=record.dirty,
        path=record.path,
        project=record.project,
        cause=cause,
        root_cause=root if cause is not None else "",
        services=services,
        builds=record.builds,
        answers=record.answers,
        findings=record.findings,
        observed=runtime_findings(record, services),
        unverified=_unverified(record, services),
        suggestions=suggestions(record),
        stand_ins=record.stand_ins,
        engine=record.engine,
        seconds=record.seconds,
        window=record.window,
        samples=len(record.samples),
        timeout=record.timeout,
        hastened=record.hastened,
        left_behind=record.left_behind,
        started=record.started,
        record=record,
    )


def replay(report: HealthReport) -> HealthReport:
    """Judge again what `report` recorded.

    Raises:
        InvalidValueError: the report carries no record.
    """
    if report.record is None:
        raise InvalidValueError("The report carries no record to judge.", hint="use the JSON that verify wrote")
    return judge(report.record)


def _outcome(record: Record, services: tuple[ServiceHealth, ...]) -> Outcome:
    if record.ended in _EARLY:
        return _EARLY[record.ended]
    if record.ended == "build-failed" or any(not build.ok for build in record.builds):
        return Outcome.BUILD_FAILED
    found = {service.verdict for service in services}
    # What merely was not healthy yet when the time was over is a matter of time; anything else is known to be wrong.
    wrong = any(s.verdict is Verdict.UNHEALTHY and s.cause and s.cause.code != "never-healthy" for s in services)
    if record.ended == "timeout":
        return Outcome.UNHEALTHY if wrong else Outcome.TIMEOUT
    if Verdict.UNHEALTHY in found or any(not answer.ok for answer in record.answers):
        return Outcome.UNHEALTHY
    steady = record.window_began is not None or found == {Verdict.DONE}
    proved = bool(services) and found <= {Verdict.HEALTHY, Verdict.DONE} and steady and record.ended == "settled"
    return Outcome.HEALTHY if proved else Outcome.UNVERIFIED


def _service(service: ServiceRecord, judged: Judged, record: Record) -> ServiceHealth:
    return ServiceHealth(
        name=service.name,
        verdict=judged.verdict,
        one_shot=service.one_shot,
        image=service.image,
        check=service.check,
        created_at=first(service, "created"),
        started_at=first(service, "started"),
        first_probe_at=service.probes[0].at if service.probes else None,
        healthy_at=first(service, "healthy"),
        finished_at=next((m.at for m in reversed(service.moments) if m.kind == "exited"), None),
        restarts=service.restarts,
        exit_code=service.exit_code,
        oom_killed=service.oom_killed,
        running=service.running,
        probes=service.probes,
        needs=tuple(need.service for need in service.needs),
        blocked_by=judged.blocked_by,
        cause=_cause(service, judged, record),
        log=service.log,
        log_errors=service.log_errors,
        root_owned=service.root_owned,
        usage=service.usage,
        suggested_start_period=suggested_start_period(service),
        place=service.place,
    )


def _cause(service: ServiceRecord, judged: Judged, record: Record) -> Cause | None:
    if judged.verdict is Verdict.UNHEALTHY:
        silent = next((a for a in record.answers if a.service == service.name and not a.ok), None)
        return _silent(service, silent) if judged.silent and silent else find_cause(service, record)
    if judged.verdict is Verdict.UNVERIFIED:
        return image_unavailable(Evidence(service=service, record=record)) or _no_check(service)
    if judged.verdict is Verdict.BLOCKED and first(service, "started") is not None:
        # It ran and failed: its own words are worth having, though another service is the reason.
        return find_cause(service, record)
    return None


def _no_check(service: ServiceRecord) -> Cause | None:
    if service.one_shot or service.check is not None or first(service, "started") is None:
        return None
    how = "its check is switched off" if service.check_off else "it has no health check"
    return Cause(
        code="no-check",
        title=how,
        explanation=f"`{service.name}` ran, and nothing measured whether it works: {how}.",
        place=service.place,
        next_step="Give it a health check in the compose file or in its Dockerfile.",
    )


def _silent(service: ServiceRecord, answer: Answer) -> Cause:
    return Cause(
        code="port-silent",
        title=f"its published port {answer.published or answer.target} does not answer properly",
        explanation=(
            f"{'The check inside the container passes, but from' if service.check else 'From'} outside port "
            f"{answer.published or answer.target} (container port {answer.target}) gave: {answer.error}."
        ),
        place=service.place,
        next_step="Let it listen on 0.0.0.0, and publish the port that it listens on.",
    )


def _root(services: tuple[ServiceHealth, ...], record: Record) -> str:
    """Return the service that broke first: of the unhealthy ones the earliest, of equals the one others wait for."""
    broken = [service for service in services if service.verdict is Verdict.UNHEALTHY]
    if not broken:
        return next((s.name for s in services if s.cause is not None and s.cause.code == "image-unavailable"), "")
    waited_for = {need for service in services for need in service.needs}
    by_name = {service.name: service for service in record.services}
    order = [service.name for service in services]

    def when(service: ServiceHealth) -> tuple[float, bool, int]:
        bad = [m.at for m in by_name[service.name].moments if m.kind in {"unhealthy", "exited", "oom"}]
        return (bad[0] if bad else float("inf"), service.name not in waited_for, order.index(service.name))

    return min(broken, key=when).name


def _first_cause(services: tuple[ServiceHealth, ...]) -> Cause | None:
    return next((service.cause for service in services if service.cause is not None), None)


def _unverified(record: Record, services: tuple[ServiceHealth, ...]) -> tuple[str, ...]:
    """Return one sentence for everything that was not measured."""
    said: list[str] = []
    for service in services:
        if service.verdict is not Verdict.UNVERIFIED or record.ended in {
            "no-engine",
            "refused",
            "invalid",
            "build-failed",
        }:
            continue
        why = service.cause.title if service.cause is not None else "it was not measured to the end"
        said.append(f"`{service.name}`: {why}.")
    return (*said, *record.notes)
