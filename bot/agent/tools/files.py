"""Read, Write, Edit, Glob and Grep: the SDK's tools, confined to the workspace, around which we protect some files."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Final

from bot.agent.message import ToolResult
from bot.agent.tools.protected import Policy, refusal
from bot.agent.tools.shown import shown, shown_file

NAMES: Final = ("Read", "Write", "Edit", "Glob", "Grep")
_WRITING: Final = frozenset({"Write", "Edit"})
_NO_TEXT: Final = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf"})
_LARGEST: Final = 1_000_000  # characters of one written file: configuration and code are far below


class FileTools:
    """The file tools of one tree."""

    def __init__(self, root: Path, policy: Policy) -> None:
        self._root = root.resolve()
        self._policy = policy

    async def call(self, name: str, arguments: dict[str, Any]) -> ToolResult:
        """Run one of them; `arguments` have been held against its definition."""
        from anthropic.lib.tools import ToolError

        path = str(arguments.get("file_path", ""))
        refused = self._refused(name, path, arguments)
        if refused:
            return ToolResult(text=f"{name} was not run: {refused}", is_error=True)
        try:
            answer = await self._tools[name].call(arguments)
        except (ToolError, ValueError, RecursionError) as error:
            return ToolResult(text=self._relative(str(error)), is_error=True)
        text = answer if isinstance(answer, str) else "(no text)"
        if name == "Read":
            return ToolResult(text=shown_file(path, text))
        lines = (line for line in self._relative(text).split("\n") if not line.startswith(".git/"))
        return ToolResult(text=shown("\n".join(lines)) or "no matches")

    def _refused(self, name: str, path: str, arguments: dict[str, Any]) -> str:
        """Return why the call is refused, "" where it is not."""
        from anthropic.lib.tools.agent_toolset import resolve_path

        if not path:
            return ""
        if "\0" in path:
            return "a path cannot hold a zero byte."
        if name == "Read" and PurePosixPath(path).suffix.lower() in _NO_TEXT:
            return f"`{path}` is no text, and only text is read."
        if len(str(arguments.get("content", ""))) > _LARGEST:
            return f"the content is longer than {_LARGEST:,} characters; nobody reviews such a file."
        try:
            target = resolve_path(self._context, path)
        except ValueError:
            return f"`{path}` is outside of the workspace. Paths are relative to it, such as `src/docker-compose.yml`."
        within = PurePosixPath(target.relative_to(self._root))
        if name in _WRITING:
            if target.exists() and not target.is_file():  # writing to a pipe would wait for ever
                return f"`{path}` is no ordinary file."
            if target.exists() and target.stat().st_nlink > 1:  # its other name may be that of a protected file
                return f"`{path}` is a hard link; remove it with a command, and write the file anew."
            return refusal(within, self._policy)
        return "`.git` is git's own." if ".git" in within.parts else ""

    def _relative(self, text: str) -> str:
        """Return `text` without the place of the workspace on this machine."""
        return text.replace(f"{self._root}/", "").replace(str(self._root), ".")

    @cached_property
    def _context(self) -> Any:
        from anthropic.lib.tools.agent_toolset import AgentToolContext

        return AgentToolContext(workdir=str(self._root), env={})

    @cached_property
    def _tools(self) -> dict[str, Any]:
        from anthropic.lib.tools import agent_toolset as sdk

        makers = (sdk.beta_read_tool, sdk.beta_write_tool, sdk.beta_edit_tool, sdk.beta_glob_tool, sdk.beta_grep_tool)
        return {name: make(self._context) for name, make in zip(NAMES, makers, strict=True)}
