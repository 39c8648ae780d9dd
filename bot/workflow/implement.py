"""The story of a run, in order: an issue becomes a branch, a verdict and a pull request."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Final

from bot.brief.elsewhere import elsewhere
from bot.model.brief import Brief
from bot.model.change import Change
from bot.model.finding import Finding
from bot.model.health import HealthReport, Outcome
from bot.model.issue import Issue
from bot.model.proposal import Attempt, Base, Proposal
from bot.model.stack import Stack
from bot.workflow import words
from bot.workflow.catch_up import caught_up
from bot.workflow.draft import Draft, Drafter, Order
from bot.workflow.ports import Checker, Forge, Prover, Steps, Understanding, Verifier, Workspaces
from bot.workflow.progress import rank, same

# What an engine could mend. A missing Docker engine or an interruption is nobody's mistake in the files.
_MENDABLE: Final = frozenset(
    {Outcome.UNHEALTHY, Outcome.BUILD_FAILED, Outcome.INVALID, Outcome.REFUSED, Outcome.TIMEOUT}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything the story needs from the world."""

    workspaces: Workspaces
    forge: Forge
    understanding: Understanding
    drafter: Drafter
    checker: Checker
    verifier: Verifier
    steps: Steps
    prover: Prover | None = None  # instead of the verifier, where there is one

    async def proved(self, name: str, branch: str, commit: str) -> HealthReport:
        """Return the report on the pushed `commit`, as the step `name`."""
        if self.prover:
            return await self.prover.prove(name, branch, commit)
        return await self.steps.run(name, HealthReport, lambda: self.verifier.verify(branch, commit))


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """The run ended before anything was made.

    Attributes:
        reason: Why.
        instead: What the project needs in place of a stack.
        engine: What ended early, before it wrote anything; "" where there was nothing to write.
    """

    reason: str
    instead: tuple[str, ...] = ()
    engine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """The run ended with a pull request; `where` is where a person finds it."""

    proposal: Proposal
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a run is about; `revised` says that its first draft does what people asked for in comments."""

    issue: Issue
    base: Base
    brief: Brief
    revised: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round of push and verification: the draft, the commit it became, and what that showed."""

    draft: Draft
    head: str
    health: HealthReport
    attempts: tuple[Attempt, ...]


async def implement(issue: Issue, ports: Ports, *, attempts: int = 3, merging: bool = True) -> Proposed | Nothing:
    """Turn `issue` into a proposal, verified at most `attempts` times (at least once).

    A branch that an earlier run left is built upon, with its base `merging` into it where that moved meanwhile.

    Raises:
        RepositoryError: the repository cannot be worked on, or its branch moved while the run went on.
    """
    branch = f"groundwork/{issue.slug}"
    base = await begin(branch, ports, merging=merging)
    brief = await ports.steps.run("brief", Brief, lambda: understand(issue, base, ports))
    told = elsewhere(brief)
    if told and (not brief.needs_infra or base.head == base.commit):
        return Nothing(reason=told.reason, instead=told.instead)
    draft = await ports.drafter.draft("write", Order(issue=issue, brief=brief, head=base.head, base=base.commit))
    if draft.change.empty and base.head == base.commit:
        early = draft.work.engine if draft.work.ended else ""
        return Nothing(reason=words.nothing_written(draft.work), engine=early)
    task = Task(issue=issue, base=base, brief=brief)
    return await propose(task, await prove(task, draft, ports, attempts=attempts), ports)


async def begin(branch: str, ports: Ports, *, merging: bool = True) -> Base:
    """Return where the run on `branch` starts."""
    base = await ports.steps.run("base", Base, lambda: ports.workspaces.base(branch))
    return await caught_up(base, ports.workspaces, ports.forge, ports.steps, merging=merging)


async def prove(task: Task, draft: Draft, ports: Ports, *, attempts: int) -> Round:
    """Push and verify `draft`; what is not healthy is repaired and verified again, `attempts` times in all.

    A failure that comes back as it was ends it sooner. What came furthest is kept, whichever attempt that was.
    """
    last = best = await _round(1, task, ports, before=None, draft=draft)
    for number in range(2, attempts + 1):
        if last.health.outcome not in _MENDABLE:
            break
        order = Order(
            issue=task.issue,
            brief=task.brief,
            head=last.head,
            base=task.base.commit,
            before=last.draft,
            health=last.health,
        )
        repaired = last.draft.continued(await ports.drafter.draft(f"repair-{number}", order))
        if repaired.change.empty:
            last = replace(last, draft=repaired)
            break
        before, last = last, await _round(number, task, ports, before=last, draft=repaired)
        best = last if rank(last.health) >= rank(best.health) else best
        if number < attempts and last.health.outcome in _MENDABLE and same(_state(before), _state(last)):
            last = replace(last, draft=_ended(last.draft, words.no_progress(number)))
            break
    return last if rank(last.health) >= rank(best.health) else await _back(best, last, task, ports)


def _state(round_: Round) -> tuple[tuple[Finding, ...], HealthReport]:
    return round_.draft.findings, round_.health


def _ended(draft: Draft, why: str) -> Draft:
    return replace(draft, work=replace(draft.work, ended=draft.work.ended or why))


async def _back(best: Round, last: Round, task: Task, ports: Ports) -> Round:
    """Bring the branch back to what `best` left, by a commit on top: what was pushed stays in its history."""

    async def commit_and_push() -> str:
        change = await ports.workspaces.difference(last.head, best.head)
        message = words.back_message(task.issue, len(best.attempts), len(last.attempts))
        commit = await ports.workspaces.commit(change, parent=last.head, message=message)
        return await ports.forge.push(task.base.branch, commit, expected=last.head)

    head = await ports.steps.run("commit-back", str, commit_and_push)
    # The files are those that were verified; only the commit is another one.
    draft = replace(last.draft, findings=best.draft.findings)
    return Round(
        draft=_ended(draft, words.went_back(len(best.attempts), len(last.attempts))),
        head=head,
        health=replace(best.health, commit=head if best.health.commit else ""),
        attempts=last.attempts,
    )


async def understand(issue: Issue, base: Base, ports: Ports) -> Brief:
    """Read the Brief where the run starts."""
    async with ports.workspaces.tree(base.head) as root:
        return await ports.understanding.brief(root, issue)


async def _round(number: int, task: Task, ports: Ports, *, before: Round | None, draft: Draft) -> Round:
    """Commit and push `draft` on what was there before, verify it, and remember the attempt."""
    begun, base = time.monotonic(), task.base
    parent = before.head if before else base.head
    # The branch does not exist yet where no earlier run and no earlier round left one.
    expected = parent if before or base.head != base.commit else ""

    async def commit_and_push() -> str:
        message = words.commit_message(task.issue, number, draft.change, revised=task.revised)
        commit = await ports.workspaces.commit(draft.change, parent=parent, message=message)
        return await ports.forge.push(base.branch, commit, expected=expected)

    # Nothing new on a branch that an earlier run left: what is there is verified again.
    head = parent if draft.change.empty else await ports.steps.run(f"commit-{number}", str, commit_and_push)
    health = await ports.proved(f"verify-{number}", base.branch, head)
    attempt = Attempt(
        number=number,
        commit=head,
        outcome=health.outcome.value,
        words=words.attempt(health, draft.findings),
        seconds=round(time.monotonic() - begun, 1),
    )
    return Round(draft=draft, head=head, health=health, attempts=(*(before.attempts if before else ()), attempt))


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What the proposed commit holds, beyond its base."""

    stack: Stack | None
    change: Change


async def propose(task: Task, last: Round, ports: Ports) -> Proposed:
    """Open or renew the pull request with what `last` proved."""
    base = task.base

    async def describe() -> Described:
        async with ports.workspaces.tree(last.head) as root:
            stack, change = await asyncio.gather(
                ports.checker.stack(root), ports.workspaces.between(base.commit, last.head)
            )
        return Described(stack=stack, change=change)

    described = await ports.steps.run("describe", Described, describe)
    proposal = Proposal(
        base=base,
        head=last.head,
        title=words.title(task.issue),
        draft=last.health.outcome is not Outcome.HEALTHY,
        issue=task.issue,
        brief=task.brief,
        stack=described.stack,
        work=last.draft.work,
        change=described.change,
        findings=last.draft.findings,
        health=last.health,
        attempts=last.attempts,
    )
    where = await ports.steps.run("propose", str, lambda: ports.forge.propose(proposal))
    return Proposed(proposal=proposal, where=where)
