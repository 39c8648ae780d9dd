"""A stand-in for the port `Engine` that can revise: it does what names a file, and declines the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from bot.blueprint.engine import BlueprintEngine
from bot.model.ask import Answer, Ask, Revision
from bot.model.brief import Brief
from bot.model.change import Work
from bot.model.finding import Finding
from bot.model.health import HealthReport
from bot.model.issue import Issue


@dataclass
class FakeReviser:
    """Builds as the blueprint does; an ask for `src/<name>.txt` gets that file, with the ask's words in it.

    With `mends`, what was not healthy is mended by a file of that name.
    """

    mends: str = ""
    asked: list[tuple[Ask, ...]] = field(default_factory=list)
    blueprint: BlueprintEngine = field(default_factory=BlueprintEngine)

    async def build(self, brief: Brief, issue: Issue, root: Path) -> Work:
        return await self.blueprint.build(brief, issue, root)

    async def repair(
        self, brief: Brief, issue: Issue, root: Path, findings: tuple[Finding, ...], health: HealthReport | None
    ) -> Work:
        if self.mends and health is not None:
            (root / self.mends).write_text("127.0.0.1\n")
            return Work(engine="fake")
        return await self.blueprint.repair(brief, issue, root, findings, health)

    async def revise(self, brief: Brief, issue: Issue, root: Path, asks: tuple[Ask, ...]) -> Revision:
        del brief, issue
        self.asked.append(asks)
        answers = []
        for ask in asks:
            named = re.search(r"src/\w+\.txt", ask.words)
            if named:
                (root / named[0]).write_text(f"{ask.words}\n")
            words = f"`{named[0]}` says so now" if named else "it asks for nothing that can be written to a file"
            answers.append(Answer(ask=ask.key, done=bool(named), words=words))
        return Revision(work=Work(engine="fake"), answers=tuple(answers))
