"""Reports and proposals whose every text from outside is hostile."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from bot.model.brief import Criterion, Evidence, Fact, OpenPoint
from bot.model.change import Decision, Kept
from bot.model.egress import Refusal
from bot.model.finding import Finding, Severity
from bot.model.health import (
    Answer,
    Build,
    Cause,
    Engine,
    HealthReport,
    Outcome,
    Place,
    Probe,
    StandIn,
    Verdict,
)
from bot.model.proposal import Attempt, Proposal
from bot.model.stack import Need, Port, StackService
from tests.unit.report import proposals, reports
from tests.unit.report.reading import hostile


def report_of(words: str, outcome: Outcome, *, times: int = 1) -> HealthReport:
    """A report in which `words` stand wherever text from outside can; lists hold it `times` times."""
    many = (words,) * times
    place = Place(path=words, line=3)
    finding = Finding(rule=words, code=words, severity=Severity.ERROR, path=words, line=1, message=words)
    service = replace(
        reports.SICK_BACKEND,
        name=words,
        image=words,
        check=replace(reports.check(words, 3), place=place),
        probes=(Probe(at=1.0, seconds=0.1, exit_code=1, output=words),) * times,
        needs=many,
        log=many,
        log_errors=many,
        root_owned=many,
    )
    return HealthReport(
        outcome=outcome,
        commit=words,
        path=words,
        project=words,
        cause=Cause(code="ipv6-localhost", title=words, explanation=words, evidence=many, place=place, next_step=words),
        root_cause=words,
        services=(
            *(replace(service, name=f"{words}{number}" if number else words) for number in range(times)),
            replace(service, name=f"fine {words}", verdict=Verdict.HEALTHY, healthy_at=1.0),
            replace(service, name="unknown", verdict=Verdict.UNVERIFIED, check=None),
            replace(service, name="blocked", verdict=Verdict.BLOCKED, blocked_by=words),
        ),
        builds=(Build(service=words, ok=False, seconds=1, failed_step=words, place=place, lines=many),) * min(times, 9),
        answers=(
            Answer(service=words, published=80, target=80, protocol="http", path=words, error=words),
            Answer(service=words, published=80, target=80, protocol="tcp", error=words),
        )
        * times,
        findings=(finding,) * times,
        unverified=many,
        suggestions=many,
        stand_ins=(StandIn(image=words, actual=words),) * times,
        engine=Engine(version=words, api=words),
        seconds={"build": 3.0, "start": 9.0},
        left_behind=many,
        started=words,
    )


def proposal_of(words: str, outcome: Outcome, *, times: int = 1) -> Proposal:
    """A proposal in which `words` stand wherever text from outside can."""
    evidence = Evidence(path=words, line=2, quote=words)
    service = StackService(
        name=words,
        image=words,
        build=words,
        target=words,
        ports=(Port(published=80, target=80),),
        check=words,
        check_words=words,
        needs=(Need(service=words, condition="service_healthy"),) * times,
        volumes=(words,) * times,
    )
    numbers = range(times)
    return replace(
        proposals.SHOP,
        title=words,
        draft=outcome is not Outcome.HEALTHY,
        base=replace(proposals.SHOP.base, branch=words, notes=(words,) * times),
        brief=replace(
            proposals.BRIEF,
            title=words,
            facts=tuple(Fact(topic="extra", value=f"{words}{n}", detail=words, evidence=(evidence,)) for n in numbers),
            open=tuple(OpenPoint(topic="extra", question=f"{words}{n}") for n in numbers),
            criteria=tuple(Criterion(text=f"{words}{n}", evidence=evidence) for n in numbers),
            notes=(words,) * times,
        ),
        stack=replace(
            proposals.STACK,
            path=f"src/{words}",
            services=(*(replace(service, name=f"{words}{n}" if n else words) for n in numbers), service),
        ),
        work=replace(
            proposals.SHOP.work,
            engine=words,
            ended=words,
            decisions=tuple(Decision(what=f"{words}{n}", why=words) for n in numbers),
            confirm=tuple(f"{n}{words}" for n in numbers),
            kept=tuple(Kept(path=f"{words}{n}", why=words) for n in numbers),
            refused=tuple(Refusal(target=f"{words}{n}", why=words, command=words, times=n) for n in numbers),
        ),
        health=report_of(words, outcome, times=times),
        attempts=(Attempt(number=1, commit=words, outcome=words, words=words),) * (times + 1),
    )


hostile_reports = st.builds(report_of, hostile, st.sampled_from(Outcome), times=st.integers(1, 3))
hostile_proposals = st.builds(proposal_of, hostile, st.sampled_from(Outcome), times=st.integers(1, 3))
