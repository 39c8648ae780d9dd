"""Drafts by conversation: each turn is a step of the run, the gate holds the rules, and no progress ends it."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bot.agent.engine import ClaudeEngine, Place, Round, Said
from bot.agent.evidence import evidence, signature
from bot.agent.limit import Completed
from bot.agent.tools.judge import Judge
from bot.agent.tools.protected import Policy
from bot.blueprint.mend import apply_safe_fixes
from bot.model.change import Work
from bot.model.finding import Finding
from bot.model.health import HealthReport
from bot.workflow.draft import Draft, Order, checked, split
from bot.workflow.ports import Checker, Steps, Workspaces
from bot.workflow.tree_states import TreeStates

Prove = Callable[[Path], Awaitable[HealthReport]]
Finish = Callable[[Path, Work], Awaitable[Work]]
_GATES: Final = 2  # times that findings go back before a draft is handed on with them


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDrafter:
    """The port `Drafter` for the claude engine.

    Attributes:
        states: The folder that keeps the tree between turns.
        prove: Verifies a tree, where an engine is at hand.
        finish: Adds what is not the model's to write to a first draft, such as the workflow that verifies.
    """

    workspaces: Workspaces
    engine: ClaudeEngine
    checker: Checker
    steps: Steps
    states: Path
    prove: Prove | None = None
    finish: Finish | None = None

    async def draft(self, name: str, order: Order) -> Draft:
        """Talk until the model is done and the rules are content, or nothing gets better any more."""
        # One name in the books for one draft, also after a crash; and another for the next run on the same commit.
        key = await self.steps.run(f"{name}-begin", str, _fresh_key)
        async with self.workspaces.tree(order.head) as root:
            tree = TreeStates(self.workspaces, root, order.head, self.states)
            place = Place(
                key=f"{name}-{key}",
                root=root,
                brief=order.brief,
                issue=order.issue,
                steps=self.steps,
                tree=tree,
                judge=Judge(lambda fix: self._check(root, order, fix=fix), self._proof(root)),
                policy=Policy(workflows=order.brief.wants_ci),
            )
            said = await self._first(place, order)
            finish = self.finish if order.before is None and not order.asks else None
            draft = replace(await self._checked(f"{name}-check", root, said.work, order, finish), answers=said.answers)
            seen = {signature(order.before.findings, None)} if order.before and not order.health else set()
            for number in range(1, _GATES + 1):
                found = signature(draft.findings, None)
                if not found or draft.change.empty or found in seen or not isinstance(said.end, Completed):
                    break
                seen.add(found)
                # Stored, because the next conversation begins with it, also where a replay skips the last one.
                state = await self.steps.run(f"{name}-state-{number}", str, tree.save)
                spent = place.spent.plus(said.spent)
                place = replace(place, key=f"{name}-{key}-gate-{number}", spent=spent, state=state)
                said = await self.engine.repair(place, evidence(draft.findings, None), Round(number, _GATES))
                draft = draft.continued(await self._checked(f"{name}-check-{number}", root, said.work, order))
            return draft

    async def _first(self, place: Place, order: Order) -> Said:
        if order.asks:
            return await self.engine.revise(place, order.asks)
        if order.before is None:
            return await self.engine.build(place)
        return await self.engine.repair(place, evidence(order.before.findings, order.health), Round(1, 1))

    async def _checked(self, name: str, root: Path, work: Work, order: Order, finish: Finish | None = None) -> Draft:
        async def finished() -> Draft:
            done = await finish(root, work) if finish else work
            return await checked(self.workspaces, self.checker, root, done, order)

        return await self.steps.run(name, Draft, finished)

    async def _check(self, root: Path, order: Order, *, fix: bool) -> tuple[Finding, ...]:
        async def ours() -> tuple[Finding, ...]:
            findings = await self.checker.check(root, await self.workspaces.change(root))
            return (await split(self.workspaces, self.checker, order, findings))[0]

        findings = await ours()
        return await ours() if fix and apply_safe_fixes(findings, root) else findings

    def _proof(self, root: Path) -> Callable[[], Awaitable[HealthReport]] | None:
        """Verify what would be committed, in a tree of its own: containers write into what they mount."""
        prove = self.prove
        if prove is None:
            return None

        async def verified() -> HealthReport:
            change = await self.workspaces.change(root)
            async with self.workspaces.tree(change.base, change) as copy:
                return await prove(copy)

        return verified


async def _fresh_key() -> str:
    return secrets.token_hex(4)
