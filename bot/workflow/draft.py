"""Writing a draft: the engine writes or repairs in a tree, the rules are held against it, what is left is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol, TypeVar

from bot.model.ask import Answer, Ask
from bot.model.brief import Brief
from bot.model.change import Change, Kept, PhaseCost, Work
from bot.model.finding import Finding, Severity
from bot.model.health import HealthReport
from bot.model.issue import Issue
from bot.workflow.ports import Checker, Engine, Steps, Workspaces

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an engine wrote, what the rules say of it, and, for a revision, what became of each ask."""

    work: Work
    change: Change
    findings: tuple[Finding, ...] = ()
    answers: tuple[Answer, ...] = ()

    def continued(self, after: Draft) -> Draft:
        """Return `after` with the work of both told together."""
        mine, theirs = self.work, after.work
        work = Work(
            engine=theirs.engine,
            decisions=_joined(mine.decisions, theirs.decisions),
            confirm=_joined(mine.confirm, theirs.confirm),
            kept=_joined(mine.kept, theirs.kept),
            unverified=_joined(mine.unverified, theirs.unverified),
            refused=_joined(mine.refused, theirs.refused),
            cost_usd=mine.cost_usd + theirs.cost_usd,
            phases=_added(mine.phases, theirs.phases),
            ended=theirs.ended or mine.ended,
        )
        return Draft(
            work=work, change=after.change, findings=after.findings, answers=_joined(self.answers, after.answers)
        )


def _added(first: tuple[PhaseCost, ...], second: tuple[PhaseCost, ...]) -> tuple[PhaseCost, ...]:
    costs: dict[str, float] = {}
    for one in (*first, *second):
        costs[one.phase] = costs.get(one.phase, 0.0) + one.usd
    return tuple(PhaseCost(phase=phase, usd=usd) for phase, usd in costs.items())


def _joined(first: tuple[T, ...], second: tuple[T, ...]) -> tuple[T, ...]:
    return (*first, *(item for item in second if item not in first))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a draft is asked for; JSON-serialisable, so that a durable engine can hand it to another process.

    Attributes:
        head: The commit to write on.
        base: The commit that the whole change is held against: what the rules find there already is nobody's mistake
            of ours; "" where all counts.
        before: The draft that was not good enough, with its findings; None for the first.
        health: What the verification of `before` showed; None for the first.
        asks: What people ask to be changed, for the first draft of a revision.
    """

    issue: Issue
    brief: Brief
    head: str
    base: str = ""
    before: Draft | None = None
    health: HealthReport | None = None
    asks: tuple[Ask, ...] = ()


class Drafter(Protocol):
    """Gets a draft written: in this process, or by a durable child run that waits its turn."""

    async def draft(self, name: str, order: Order) -> Draft:
        """Return the draft for `order`; an empty change means the engine had nothing to write."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDrafter:
    """Writes as one step of the run itself."""

    workspaces: Workspaces
    engine: Engine
    checker: Checker
    steps: Steps

    async def draft(self, name: str, order: Order) -> Draft:
        """Write in a tree of its own and return what became of it."""
        return await self.steps.run(name, Draft, lambda: self._write(order))

    async def _write(self, order: Order) -> Draft:
        async with self.workspaces.tree(order.head) as root:
            answers: tuple[Answer, ...] = ()
            if order.asks:
                revision = await self.engine.revise(order.brief, order.issue, root, order.asks)
                work, answers = revision.work, revision.answers
            elif order.before is None:
                work = await self.engine.build(order.brief, order.issue, root)
            else:
                findings = order.before.findings
                work = await self.engine.repair(order.brief, order.issue, root, findings, order.health)
            return replace(await self._gated(root, order, work), answers=answers)

    async def _gated(self, root: Path, order: Order, work: Work) -> Draft:
        """Check what was written, and let the engine mend what the rules found, once, before anything is pushed."""
        draft = await checked(self.workspaces, self.checker, root, work, order)
        if draft.change.empty or not any(finding.severity in _BLOCKING for finding in draft.findings):
            return draft
        mended = await self.engine.repair(order.brief, order.issue, root, draft.findings, None)
        return draft.continued(await checked(self.workspaces, self.checker, root, mended, order))


async def checked(workspaces: Workspaces, checker: Checker, root: Path, work: Work, order: Order) -> Draft:
    """Return what was written in an open tree as a draft, with what the rules find in it and did not find before."""
    change = await workspaces.change(root)
    left_out = tuple(Kept(path=path, why=_LEFT_OUT) for path in change.ignored if _worth_telling(path))
    left_out += tuple(Kept(path=path, why=_TOO_LARGE) for path in change.oversize)
    left_out += tuple(Kept(path=path, why=_OUTWARD) for path in change.outward)
    findings = await checker.check(root, change)
    ours, standing = await split(workspaces, checker, order, findings)
    work = replace(work, kept=_joined(work.kept, left_out), confirm=_joined(work.confirm, _told(standing)))
    return Draft(work=work, change=change, findings=ours)


async def split(
    workspaces: Workspaces, checker: Checker, order: Order, findings: tuple[Finding, ...]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return the findings that came with the change, and those that the base had and nobody asked to have mended."""
    if not findings or not order.base or order.brief.wants_mending:
        return findings, ()
    async with workspaces.tree(order.base) as root:
        before = Counter(map(_identity, await checker.check(root, Change(base=order.base))))
    ours: list[Finding] = []
    standing: list[Finding] = []
    for finding in findings:
        known = before[_identity(finding)] > 0
        before[_identity(finding)] -= known
        (standing if known else ours).append(finding)
    return tuple(ours), tuple(standing)


def _identity(finding: Finding) -> tuple[str, str, str]:
    """Return what stays of a finding when lines above it move."""
    return finding.rule, finding.path, finding.message


def _told(standing: tuple[Finding, ...]) -> tuple[str, ...]:
    if not standing:
        return ()
    rules = ", ".join(f"`{rule}`" for rule in dict.fromkeys(finding.rule for finding in standing))
    count = "one thing" if len(standing) == 1 else f"{len(standing)} things"
    said = f"The rules find {count} in what was there before ({rules})."
    return (f"{said} They were left as they are; an issue that says `fix the findings` has them mended.",)


_BLOCKING: Final = frozenset({Severity.ERROR, Severity.WARNING})
_LEFT_OUT: Final = "was written, but this repository's ignore rules leave it out of the change"
_TOO_LARGE: Final = "was written, but is left out of the change: nobody can review a file of that size, or so many"

_OUTWARD: Final = "was written, but is left out of the change: it is a link that leads out of the repository"


def _worth_telling(path: str) -> bool:
    """Whether a person would miss it: not folders of dependencies and caches, nor the local `.env`."""
    return not path.endswith(("/", "/.env", ".pyc", ".log"))
