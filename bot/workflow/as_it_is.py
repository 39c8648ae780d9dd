"""A draft that writes nothing: what is on the branch is checked and verified as it is."""

from __future__ import annotations

from bot.model.change import Change, Work
from bot.workflow.draft import Draft, Order
from bot.workflow.ports import Checker, Steps, Workspaces


class AsItIs:
    """The port `Drafter`, for a run that was asked to verify only."""

    def __init__(self, workspaces: Workspaces, checker: Checker, steps: Steps) -> None:
        self._workspaces = workspaces
        self._checker = checker
        self._steps = steps

    async def draft(self, name: str, order: Order) -> Draft:
        """Return the empty draft, with what the rules say of the branch."""
        del name

        async def look() -> Draft:
            async with self._workspaces.tree(order.head) as root:
                findings = await self._checker.check(root, Change(base=order.head))
            work = Work(engine="none", ended="there is nothing on the branch to verify")
            return Draft(work=work, change=Change(base=order.head), findings=findings)

        return await self._steps.run("look", Draft, look)
