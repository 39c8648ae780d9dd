"""Makes the toolbox that the tests here share."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bot.agent.message import ToolResult
from bot.agent.tools.bash import Bash
from bot.agent.tools.files import FileTools
from bot.agent.tools.judge import Judge
from bot.agent.tools.protected import Policy, Standing
from bot.agent.tools.skills import Skills
from bot.agent.tools.toolbox import Tools
from bot.model.brief import Brief
from bot.model.finding import Finding
from bot.model.issue import Issue
from tests.fakes.commands import ScriptedCommands

ASKED = Brief(title="Shop", orchestrator="docker-compose", backend=("fastapi",), databases=("postgresql",))


async def _clean(_fix: bool) -> tuple[Finding, ...]:
    return ()


def toolbox(root: Path, *, commands: ScriptedCommands | None = None, **changes: Any) -> Tools:
    policy = Policy()
    parts: dict[str, Any] = {
        "files": FileTools(root, policy),
        "skills": Skills(root, ASKED, Issue(title="Shop")),
        "judge": Judge(_clean, None),
        "bash": Bash(commands, Standing(root, policy)) if commands else None,
    }
    return Tools(**{**parts, **changes})


def call(tools: Tools, name: str, /, **arguments: Any) -> ToolResult:
    return asyncio.run(tools.call(name, arguments))
