"""GitHub Actions, and the mail that tells of it, as a list of what each look finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.model.actions_run import ActionsRun, Trouble


@dataclass
class FakeActions:
    """Shows one of `looks` after another, the last for ever; the run again that was asked for is shown after them."""

    looks: list[tuple[ActionsRun, ...]]
    left: bytes | Exception | None = None
    told: Trouble = field(default_factory=Trouble)
    again: list[int] = field(default_factory=list)

    async def runs(self, commit: str) -> Sequence[ActionsRun]:
        del commit
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]

    async def run_again(self, run: ActionsRun) -> None:
        self.again.append(run.id)
        self.looks.append((replace(run, attempt=run.attempt + 1),))

    async def artifact(self, run: ActionsRun) -> bytes | None:
        del run
        if isinstance(self.left, Exception):
            raise self.left
        return self.left

    async def trouble(self, commit: str, run: ActionsRun | None) -> Trouble:
        del commit, run
        return self.told


@dataclass
class FakeMail:
    """Hands out `messages` first; after them each wait passes without one."""

    messages: list[Any] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    async def wait(self, topic: str, seconds: float) -> Any | None:
        del topic
        self.waits.append(seconds)
        return self.messages.pop(0) if self.messages else None
