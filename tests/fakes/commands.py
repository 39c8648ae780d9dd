"""Commands that run as plain functions on the tree, in place of a sandbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.agent.sandbox import CommandResult
from bot.errors import EngineUnavailableError


@dataclass
class ScriptedCommands:
    """Answers a command with the result of its function; an unknown one is told as not available."""

    known: dict[str, Callable[[], CommandResult]] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)

    async def run(self, command: str, *, seconds: float) -> CommandResult:
        self.ran.append(f"{command} ({seconds:.0f} s)")
        if command not in self.known:
            raise EngineUnavailableError("The sandbox could not run a command.", hint="is the engine up?")
        return self.known[command]()
