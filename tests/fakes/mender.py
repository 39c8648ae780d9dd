"""A stand-in for the port `Engine` that mends: each repair leaves a note of what was not healthy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.model.brief import Brief
from bot.model.change import Work
from bot.model.finding import Finding
from bot.model.health import HealthReport
from bot.model.issue import Issue
from tests.fakes.reviser import FakeReviser


@dataclass
class FakeMender(FakeReviser):
    """Builds as the blueprint does; a repair writes what it was shown to `src/mended.txt`."""

    async def repair(
        self, brief: Brief, issue: Issue, root: Path, findings: tuple[Finding, ...], health: HealthReport | None
    ) -> Work:
        del brief, issue, findings
        shown = health.cause.code if health and health.cause else "nothing"
        (root / "src/mended.txt").write_text(f"{shown}\n")
        return Work(engine="fake")
