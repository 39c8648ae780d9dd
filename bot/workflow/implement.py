"""The story of a run, in order: an issue becomes a branch, a verdict and a pull request."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from bot.model.brief import Brief
from bot.model.change import Change, Work
from bot.model.finding import Finding, Severity
from bot.model.health import HealthReport, Outcome
from bot.model.issue import Issue
from bot.model.proposal import Attempt, Base, Proposal
from bot.model.stack import Stack
from bot.workflow import words
from bot.workflow.ports import Checker, Engine, Forge, Steps, Understanding, Verifier, Workspaces


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything the story needs from the world."""

    workspaces: Workspaces
    forge: Forge
    understanding: Understanding
    engine: Engine
    checker: Checker
    verifier: Verifier
    steps: Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """The run ended before anything was made, and why."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """The run ended with a pull request; `where` is where a person finds it."""

    proposal: Proposal
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an engine wrote and what the rules say of it; what a step stores."""

    work: Work
    change: Change
    findings: tuple[Finding, ...] = ()


async def implement(issue: Issue, ports: Ports, *, attempts: int = 3) -> Proposed | Nothing:
    """Turn `issue` into a proposal, verified at most `attempts` times.

    Raises:
        RepositoryError: the repository cannot be worked on, or its branch moved while the run went on.
    """
    story = _Story(issue, ports)
    base = await ports.steps.run("base", Base, lambda: ports.workspaces.base(f"groundwork/{issue.slug}"))
    brief = await ports.steps.run("brief", Brief, lambda: story.read_brief(base))
    if not brief.needs_infra:
        return Nothing(reason=brief.reason or "the documents ask for nothing that has to run")
    draft = await ports.steps.run("write", Draft, lambda: story.write(base, brief))
    if draft.change.empty and base.head == base.commit:
        return Nothing(reason=words.nothing_written(draft.work))
    head, health, rounds, last = base.head, HealthReport(outcome=Outcome.UNVERIFIED), [], draft
    for number in range(1, attempts + 1):
        begun = time.monotonic()
        head = await story.push(number, base, head, last)
        health = await story.verify(number, base, head)
        rounds.append(
            Attempt(
                number=number,
                commit=head,
                outcome=health.outcome.value,
                words=words.attempt(health, last.findings),
                seconds=round(time.monotonic() - begun, 1),
            )
        )
        if health.outcome not in _WORTH_A_REPAIR or number == attempts:
            break
        repaired = await story.repair(number, brief, head, last, health)
        if repaired.change.empty:
            draft = _continued(draft, repaired)
            break
        draft, last = _continued(draft, repaired), repaired
    return await story.propose(
        base=base,
        brief=brief,
        work=draft.work,
        head=head,
        findings=last.findings,
        health=health,
        attempts=tuple(rounds),
    )


# What an engine could mend. A missing Docker engine or an interruption is nobody's mistake in the files.
_WORTH_A_REPAIR = frozenset(
    {Outcome.UNHEALTHY, Outcome.BUILD_FAILED, Outcome.INVALID, Outcome.REFUSED, Outcome.TIMEOUT}
)
_BLOCKING = frozenset({Severity.ERROR, Severity.WARNING})


def _continued(before: Draft, after: Draft) -> Draft:
    """The draft after a repair: the work of all rounds told together."""
    work = Work(
        engine=after.work.engine,
        decisions=(*before.work.decisions, *(d for d in after.work.decisions if d not in before.work.decisions)),
        confirm=(*before.work.confirm, *(c for c in after.work.confirm if c not in before.work.confirm)),
        kept=(*before.work.kept, *(k for k in after.work.kept if k not in before.work.kept)),
        cost_usd=before.work.cost_usd + after.work.cost_usd,
        ended=after.work.ended or before.work.ended,
    )
    return Draft(work=work, change=after.change, findings=after.findings)


class _Story:
    """The steps, each opening the tree it needs; nothing but its arguments survives from one to the next."""

    def __init__(self, issue: Issue, ports: Ports) -> None:
        self._issue = issue
        self._ports = ports

    async def read_brief(self, base: Base) -> Brief:
        async with self._ports.workspaces.tree(base.head) as root:
            return await self._ports.understanding.brief(root, self._issue)

    async def write(self, base: Base, brief: Brief) -> Draft:
        async with self._ports.workspaces.tree(base.head) as root:
            work = await self._ports.engine.build(brief, self._issue, root)
            return await self._gated(root, brief, work)

    async def _gated(self, root: Path, brief: Brief, work: Work) -> Draft:
        """Check what was written, and let the engine mend what the rules found, once, before anything is pushed."""
        change = await self._ports.workspaces.change(root)
        findings = await self._ports.checker.check(root, change)
        if any(finding.severity in _BLOCKING for finding in findings):
            mended = await self._ports.engine.repair(brief, self._issue, root, findings, None)
            again = await self._ports.workspaces.change(root)
            if again != change:
                change, findings = again, await self._ports.checker.check(root, again)
                work = _continued(Draft(work=work, change=change), Draft(work=mended, change=change)).work
        return Draft(work=work, change=change, findings=findings)

    async def push(self, number: int, base: Base, head: str, draft: Draft) -> str:
        """Commit and push; a draft without a change leaves the head where it is."""
        if draft.change.empty:
            return head

        async def commit_and_push() -> str:
            message = words.commit_message(self._issue, number, draft.change)
            commit = await self._ports.workspaces.commit(draft.change, parent=head, message=message)
            expected = "" if head == base.commit and number == 1 and base.head == base.commit else head
            await self._ports.forge.push(base.branch, commit, expected=expected)
            return commit

        return await self._ports.steps.run(f"commit-{number}", str, commit_and_push)

    async def verify(self, number: int, base: Base, head: str) -> HealthReport:
        return await self._ports.steps.run(
            f"verify-{number}", HealthReport, lambda: self._ports.verifier.verify(base.branch, head)
        )

    async def repair(self, number: int, brief: Brief, head: str, draft: Draft, health: HealthReport) -> Draft:
        async def mend() -> Draft:
            async with self._ports.workspaces.tree(head) as root:
                work = await self._ports.engine.repair(brief, self._issue, root, draft.findings, health)
                change = await self._ports.workspaces.change(root)
                if change.empty:
                    return Draft(work=work, change=change, findings=draft.findings)
                return await self._gated(root, brief, work)

        return await self._ports.steps.run(f"repair-{number}", Draft, mend)

    async def propose(
        self,
        *,
        base: Base,
        brief: Brief,
        work: Work,
        head: str,
        findings: tuple[Finding, ...],
        health: HealthReport,
        attempts: tuple[Attempt, ...],
    ) -> Proposed:
        async def describe() -> Described:
            async with self._ports.workspaces.tree(head) as root:
                stack, change = await asyncio.gather(
                    self._ports.checker.stack(root), self._ports.workspaces.between(base.commit, head)
                )
                return Described(stack=stack, change=change)

        described = await self._ports.steps.run("describe", Described, describe)
        proposal = Proposal(
            base=base,
            head=head,
            title=words.title(self._issue),
            draft=health.outcome is not Outcome.HEALTHY,
            issue=self._issue,
            brief=brief,
            stack=described.stack,
            work=work,
            change=described.change,
            findings=findings,
            health=health,
            attempts=attempts,
        )
        where = await self._ports.steps.run("propose", str, lambda: self._ports.forge.propose(proposal))
        return Proposed(proposal=proposal, where=where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What the proposed commit holds."""

    stack: Stack | None
    change: Change
