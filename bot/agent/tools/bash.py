"""Bash: a command in the sandbox, told with what stopped it."""

from __future__ import annotations

from typing import Any, Final, Protocol

from bot.agent.message import ToolResult
from bot.agent.sandbox import CommandResult
from bot.agent.tools.protected import Standing
from bot.agent.tools.shown import shown
from bot.errors import EngineUnavailableError

_SECONDS: Final = 120
_MOST_SECONDS: Final = 600


class Commands(Protocol):
    """Runs commands where they can harm nothing but the workspace."""

    async def run(self, command: str, *, seconds: float) -> CommandResult:
        """Run `command` for at most `seconds`.

        Raises:
            EngineUnavailableError: it cannot be run now.
        """
        ...


class Bash:
    """The tool."""

    def __init__(self, commands: Commands, standing: Standing) -> None:
        self._commands = commands
        self._standing = standing

    async def call(self, arguments: dict[str, Any]) -> ToolResult:
        """Run a command; what it did to protected files is undone, and said."""
        seconds = min(max(int(arguments.get("timeout", _SECONDS)), 1), _MOST_SECONDS)
        try:
            result = await self._commands.run(arguments["command"], seconds=seconds)
        except EngineUnavailableError as error:
            return ToolResult(text=f"Bash is not available now: {error}. Go on with the other tools.", is_error=True)
        except ValueError as error:
            return ToolResult(text=f"The command was not run: {error}", is_error=True)
        lines = [f"exit status {result.exit_code}"]
        lines += [f"stopped: {result.ended}"] if result.ended else []
        undone = self._standing.put_back()
        lines += [f"undone, because this file is protected: {path}" for path in undone]
        return ToolResult(text="\n".join([*lines, shown(result.output)]), is_error=result.exit_code != 0)
