"""Steps that are told as they begin, in the one status comment; told within the step, so that a replay is silent."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from bot.errors import GroundworkError, NotNowError
from bot.job.kinds import Job
from bot.report.run_comment import told
from bot.workflow.draft import Draft, Drafter, Order
from bot.workflow.ports import Steps

_LOG: Final = logging.getLogger(__name__)
T = TypeVar("T")
Tell = Callable[[Sequence[str], str], Awaitable[None]]


async def told_or_logged(job: Job, telling: Awaitable[None]) -> None:
    """Tell; where we may not speak at all, which GitHub itself says, only the log can hold why."""
    try:
        await telling
    except NotNowError:
        raise
    except GroundworkError as error:
        _LOG.warning("%s#%d could not be told how it ended: %s", job.repository, job.number, error.what)


class ToldSteps:
    """Tells what was done and what is being done, then does it."""

    def __init__(self, steps: Steps, tell: Tell) -> None:
        self._steps = steps
        self._tell = tell
        self.done: list[str] = []

    async def run(self, name: str, kind: type[T], work: Callable[[], Awaitable[T]]) -> T:
        """Run one step; one that people are not told of leaves standing what they were told last."""
        if not told(name):
            return await self._steps.run(name, kind, work)
        done = tuple(self.done)

        async def telling() -> T:
            await self._tell(done, name)
            return await work()

        result = await self._steps.run(name, kind, telling)
        self.done.append(name)
        return result


class ToldDrafter:
    """Tells that a draft is being written, and remembers it among the steps."""

    def __init__(self, drafter: Drafter, steps: ToldSteps, *, plain: Steps, tell: Tell) -> None:
        self._drafter = drafter
        self._steps = steps
        self._plain = plain
        self._tell = tell

    async def draft(self, name: str, order: Order) -> Draft:
        """Get a draft written."""
        done = tuple(self._steps.done)

        async def tell() -> str:
            await self._tell(done, name)
            return name

        await self._plain.run(f"tell-{name}", str, tell)
        draft = await self._drafter.draft(name, order)
        self._steps.done.append(name)
        return draft
