"""An engine that also adds the workflow which verifies, where the repository has no current one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bot.model.ask import Ask, Revision
from bot.model.brief import Brief
from bot.model.change import Decision, Kept, Work
from bot.model.finding import Finding
from bot.model.health import HealthReport
from bot.model.issue import Issue
from bot.workflow.ports import Engine, Workspaces
from bot.workflow.verify_workflow import PATH, VerifyWorkflow


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedWorkflow:
    """Adds the workflow to a tree.

    Attributes:
        may_add: Whether the App may write workflow files there.
        always: Also where nothing else was written: an earlier run may have been without the permission.
    """

    workspaces: Workspaces
    workflow: VerifyWorkflow
    may_add: Callable[[], Awaitable[bool]]
    always: bool = False

    async def add(self, root: Path, work: Work) -> Work:
        """Write the workflow in `root` where it is missing or old, and return `work` with what is to be told of it."""
        path = root / PATH
        if not _has_room(path):
            return replace(work, kept=(*work.kept, Kept(path=PATH, why=_NO_ROOM)))
        if path.is_file() and self.workflow.current(path.read_text(encoding="utf-8", errors="replace")):
            return work
        if not self.always and (await self.workspaces.change(root)).empty:
            return work
        if not await self.may_add():
            return replace(work, kept=(*work.kept, Kept(path=PATH, why=_MAY_NOT)))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.workflow.text(), encoding="utf-8")
        return replace(work, decisions=(*work.decisions, Decision(what=_ADDED, why=_WHY)))


@dataclass(frozen=True, slots=True, kw_only=True)
class WithWorkflow:
    """The port `Engine` around another one."""

    engine: Engine
    adding: AddedWorkflow

    async def build(self, brief: Brief, issue: Issue, root: Path) -> Work:
        """Write the infrastructure, and the workflow that proves it."""
        return await self.adding.add(root, await self.engine.build(brief, issue, root))

    async def repair(
        self, brief: Brief, issue: Issue, root: Path, findings: tuple[Finding, ...], health: HealthReport | None
    ) -> Work:
        """Mend what was found; the workflow is there already."""
        return await self.engine.repair(brief, issue, root, findings, health)

    async def revise(self, brief: Brief, issue: Issue, root: Path, asks: tuple[Ask, ...]) -> Revision:
        """Change what people ask for; the workflow is there already."""
        return await self.engine.revise(brief, issue, root, asks)


def _has_room(path: Path) -> bool:
    """Whether a file can be there: what a link leads to is not ours to write, and no folder is made out of a file."""
    folders = (path.parent.parent, path.parent)
    if any(place.is_symlink() for place in (*folders, path)):
        return False
    return all(folder.is_dir() or not folder.exists() for folder in folders) and not path.is_dir()


_ADDED = f"`{PATH}`, which proves the stack in GitHub Actions"
_WHY = "containers run on a machine of their own, where reviewers can see them; it needs no secret and writes nothing"
_MAY_NOT = "was not added: the App may not write workflow files here, so nothing verifies this branch"
_NO_ROOM = "was not added: a link, or something else, is where it should be, so nothing verifies this branch"
