"""Skill: reads a guide, or renders a scaffold with the parts the model names."""

from __future__ import annotations

import asyncio
import difflib
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from bot.agent.message import ToolResult
from bot.blueprint.engine import BlueprintEngine
from bot.blueprint.library import Library, prompts_folder, shipped
from bot.blueprint.render import render
from bot.model.brief import Brief
from bot.model.change import Work
from bot.model.issue import Issue
from bot.parse.compose import NAMES

_LISTS: Final = {
    "backend": "backend",
    "frontend": "frontend",
    "database": "databases",
    "cache": "caches",
    "queue": "queues",
    "worker": "workers",
}
_PARTS: Final = (*_LISTS, "proxy")
_COMPOSE: Final = "src/docker-compose.yml"


def skill_names() -> tuple[str, ...]:
    """Return the names of all skills, sorted."""
    return tuple(sorted(path.parent.name for path in (prompts_folder() / "skills").glob("*/SKILL.md")))


class Skills:
    """The tool, for one tree and the Brief of its run."""

    def __init__(self, root: Path, brief: Brief, issue: Issue) -> None:
        self._root = root
        self._brief = brief
        self._issue = issue

    async def call(self, arguments: dict[str, Any]) -> ToolResult:
        """Read the guide, or write the scaffold."""
        name = arguments["name"]
        known = skill_names()
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            guess = f" Did you mean `{near[0]}`?" if near else ""
            return ToolResult(text=f"There is no skill `{name}`.{guess} There are: {', '.join(known)}.", is_error=True)
        if not arguments.get("render"):
            return ToolResult(text=await asyncio.to_thread(self._guide, name))
        brief, fault = self._asked(name, arguments.get("parameters", {}))
        return ToolResult(text=fault, is_error=True) if fault else await self._rendered(brief)

    def _guide(self, name: str) -> str:
        guide = (prompts_folder() / "skills" / name / "SKILL.md").read_text(encoding="utf-8")
        skill = self._library.skills.get(name)
        plays = [f"{part}: {', '.join(names)}" for part, names in skill.names.items()] if skill else []
        if not plays:
            return f"{guide}\n[This skill is a guide; it has no scaffold to render.]"
        return f"{guide}\n[It renders, with these parameters: {'; '.join(plays)}]"

    def _asked(self, name: str, parameters: dict[str, Any]) -> tuple[Brief, str]:
        """Return the Brief that the parameters describe, and what is wrong with them."""
        unknown = [part for part in parameters if part not in _PARTS]
        if unknown:
            return self._brief, f"`{unknown[0]}` is no part of a stack; parameters are: {', '.join(_PARTS)}."
        if not parameters:
            return self._brief, ""
        wrong = [part for part, value in parameters.items() if not isinstance(value, str)]
        if wrong:
            return self._brief, f'`{wrong[0]}` has to be one name, such as "postgresql".'
        skill = self._library.skills.get(name)
        played = [part for part, names in skill.names.items() if parameters.get(part) in names] if skill else []
        if skill and skill.names and not played:
            plays = "; ".join(f'"{part}": {" or ".join(names)}' for part, names in skill.names.items())
            return self._brief, f"`{name}` is in none of these parts; it plays {plays}."
        lists = {field: (parameters[part],) if part in parameters else () for part, field in _LISTS.items()}
        changes: dict[str, Any] = {**lists, "proxy": parameters.get("proxy"), "extras": ()}
        return replace(self._brief, orchestrator="docker-compose", **changes), ""

    async def _rendered(self, brief: Brief) -> ToolResult:
        before = await asyncio.to_thread(self._there, brief)
        work = await BlueprintEngine().build(brief, self._issue, self._root)
        return ToolResult(text=await asyncio.to_thread(self._told, brief, before, work))

    def _there(self, brief: Brief) -> dict[str, bytes]:
        """Return what stands where the engine may write: its own files, and the Compose file under any of its names."""
        paths = dict.fromkeys((*(file.path for file in render(brief)), *(f"src/{name}" for name in NAMES)))
        return {path: (self._root / path).read_bytes() for path in paths if (self._root / path).is_file()}

    def _told(self, brief: Brief, before: dict[str, bytes], work: Work) -> str:
        files = {file.path: file for file in render(brief)}
        now = self._there(brief)
        written = [path for path in now if path not in before]
        changed = [path for path in now if path in before and now[path] != before[path]]
        kept = {one.path: one.why for one in work.kept if one.path not in changed}
        lines = [f"Written ({len(written)}):", *(f"- {path}" for path in written)] if written else []
        lines += [f"Changed ({len(changed)}):", *(f"- {path}" for path in changed)] if changed else []
        lines += [] if lines else ["Nothing new."]
        lines += [f"Left alone: {path}: {why}" for path, why in kept.items()]
        lines += [f"Confirm: {line}" for line in work.confirm]
        lines += [work.ended] if work.ended else []
        stands = any(path.removeprefix("src/") in NAMES for path in kept)
        if stands and work.ended and _COMPOSE in files:
            lines.append(f"The scaffold's own {_COMPOSE}, to merge by hand:\n{files[_COMPOSE].content.decode()}")
        return "\n".join(lines)

    @cached_property
    def _library(self) -> Library:
        return shipped()
