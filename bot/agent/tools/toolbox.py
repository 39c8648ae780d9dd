"""The toolbox of one conversation: which tools there are, and each call from arguments to a bounded answer."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from bot.agent.message import Block, ToolResult
from bot.agent.output import bounded
from bot.agent.tools import files
from bot.agent.tools.artifacts import Artifacts, NoArtifacts
from bot.agent.tools.bash import Bash
from bot.agent.tools.definition import definition_of
from bot.agent.tools.files import FileTools
from bot.agent.tools.judge import Judge
from bot.agent.tools.skills import Skills
from bot.errors import GroundworkError

_ORDER: Final = (*files.NAMES, "Bash", "Skill", "Check", "Verify")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The port `Toolbox`; `bash` is None where no engine can hold a command, and then it is not offered."""

    files: FileTools
    skills: Skills
    judge: Judge
    bash: Bash | None = None
    artifacts: Artifacts = field(default_factory=NoArtifacts)

    @property
    def names(self) -> tuple[str, ...]:
        """The tools on offer, in a fixed order."""
        absent = {*(() if self.bash else ("Bash",)), *(() if self.judge.verifies else ("Verify",))}
        return tuple(name for name in _ORDER if name not in absent)

    @property
    def definitions(self) -> tuple[Block, ...]:
        """As the Messages API wants them."""
        return tuple(definition_of(name).block for name in self.names)

    async def call(self, name: str, arguments: Any) -> ToolResult:
        """Run one tool; what is wrong with the call is explained to the model instead of raised."""
        if name not in self.names:
            near = difflib.get_close_matches(name.capitalize(), self.names, n=1)
            guess = f" Did you mean {near[0]}?" if near else ""
            return ToolResult(
                text=f"There is no tool {name}.{guess} The tools are: {', '.join(self.names)}.", is_error=True
            )
        wrong = definition_of(name).wrong(arguments)
        if wrong:
            return ToolResult(text=wrong, is_error=True)
        try:
            result = await self._run(name)(arguments)
        except GroundworkError as error:
            # A tool that cannot do its work is news for the model, not the end of the conversation.
            return ToolResult(text=f"{name} failed: {error}", is_error=True)
        except OSError as error:  # without its path: places on this machine are nobody's business
            return ToolResult(text=f"{name} failed: {error.strerror or type(error).__name__}", is_error=True)
        return self._bounded(result)

    def _run(self, name: str) -> Callable[[dict[str, Any]], Awaitable[ToolResult]]:
        if name in files.NAMES:
            return lambda arguments: self.files.call(name, arguments)
        if name == "Bash" and self.bash:
            return self.bash.call
        judged = {"Skill": self.skills.call, "Check": self.judge.check, "Verify": self.judge.verify}
        return judged[name]

    def _bounded(self, result: ToolResult) -> ToolResult:
        text = bounded(result.text)
        if text == result.text:
            return result
        return ToolResult(text=text, is_error=result.is_error, artifact=self.artifacts.keep(result.text))
