"""Hand-written stand-ins for the ports of a run: each holds values in memory and records what it was asked."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from bot.errors import RepositoryError
from bot.model.ask import Answer, Ask, Revision
from bot.model.brief import Brief
from bot.model.change import Change, FileChange, Work
from bot.model.codec import from_json, to_json
from bot.model.finding import Finding
from bot.model.health import HealthReport
from bot.model.issue import Issue
from bot.model.proposal import Base, Merge, Proposal
from bot.model.stack import Stack

T = TypeVar("T")

ORIGIN = "0" * 40


@dataclass
class FakeWorkspaces:
    """Trees in a temporary directory; a commit is a snapshot of file texts."""

    scratch: Path
    snapshots: dict[str, dict[str, str]] = field(default_factory=lambda: {ORIGIN: {}})
    start: Base = field(
        default_factory=lambda: Base(commit=ORIGIN, head=ORIGIN, branch="groundwork/shop", base_branch="main")
    )
    opened: dict[Path, str] = field(default_factory=dict)
    open_now: int = 0
    error: Exception | None = None
    ignored: tuple[str, ...] = ()

    async def base(self, branch: str) -> Base:
        if self.error:
            raise self.error
        return replace(self.start, branch=branch)

    @asynccontextmanager
    async def tree(self, commit: str, change: Change | None = None) -> AsyncIterator[Path]:
        root = self.scratch / f"tree-{len(self.opened)}"
        root.mkdir()
        written = from_json(dict[str, str], change.patch) if change and change.patch else {}
        for name, text in {**self.snapshots[commit], **written}.items():
            (root / name).write_text(text)
        self.opened[root] = commit
        self.open_now += 1
        try:
            yield root
        finally:
            self.open_now -= 1
            shutil.rmtree(root)

    async def change(self, root: Path) -> Change:
        before = self.snapshots[self.opened[root]]
        change = _change(self.opened[root], before, {p.name: p.read_text() for p in sorted(root.iterdir())})
        return replace(change, ignored=self.ignored)

    async def between(self, base: str, head: str) -> Change:
        return _change(base, self.snapshots[base], self.snapshots[head])

    async def difference(self, base: str, head: str) -> Change:
        return _change(base, self.snapshots[base], self.snapshots[head])

    async def commit(self, change: Change, *, parent: str, message: str) -> str:
        commit = hashlib.sha1(f"{parent}{change.patch}{message}".encode(), usedforsecurity=False).hexdigest()
        self.snapshots[commit] = from_json(dict[str, str], change.patch)
        return commit

    async def merge(self, ours: str, theirs: str, *, message: str) -> Merge:
        mine, yours = self.snapshots[ours], self.snapshots[theirs]
        conflicts = tuple(sorted(name for name in mine.keys() & yours.keys() if mine[name] != yours[name]))
        if conflicts:
            return Merge(conflicts=conflicts)
        commit = hashlib.sha1(f"{ours}{theirs}{message}".encode(), usedforsecurity=False).hexdigest()
        self.snapshots[commit] = {**yours, **mine}
        return Merge(commit=commit)


def _change(base: str, before: dict[str, str], after: dict[str, str]) -> Change:
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    files = tuple(FileChange(path=name, status="modified" if name in before else "added") for name in names)
    return Change(base=base, patch=to_json(after).decode() if files else "", files=files)


@dataclass
class FakeForge:
    """Branches and proposals in memory."""

    branches: dict[str, str] = field(default_factory=dict)
    proposals: list[Proposal] = field(default_factory=list)

    async def push(self, branch: str, commit: str, *, expected: str) -> str:
        if self.branches.get(branch, "") not in {expected, commit}:
            raise RepositoryError(f"{branch} moved")
        self.branches[branch] = commit
        return commit

    async def propose(self, proposal: Proposal) -> str:
        self.proposals.append(proposal)
        return "somewhere"


@dataclass
class FakeUnderstanding:
    """Always concludes the same."""

    answer: Brief = field(default_factory=lambda: Brief(backend=("django",)))

    async def brief(self, root: Path, issue: Issue) -> Brief:
        del root, issue
        return self.answer


@dataclass
class FakeEngine:
    """Writes one text a call, from a list; an empty text writes nothing."""

    texts: list[str] = field(default_factory=lambda: ["good"])
    asked: list[tuple[str, tuple[Finding, ...], HealthReport | None]] = field(default_factory=list)

    async def build(self, brief: Brief, issue: Issue, root: Path) -> Work:
        del brief, issue
        return self._write(root, ("build", (), None))

    async def repair(
        self, brief: Brief, issue: Issue, root: Path, findings: tuple[Finding, ...], health: HealthReport | None
    ) -> Work:
        del brief, issue
        return self._write(root, ("repair", findings, health))

    async def revise(self, brief: Brief, issue: Issue, root: Path, asks: tuple[Ask, ...]) -> Revision:
        del brief, issue
        work = self._write(root, ("revise", (), None))
        done = (root / "compose.yml").exists()
        return Revision(work=work, answers=tuple(Answer(ask=a.key, done=done, words=a.words) for a in asks))

    def _write(self, root: Path, call: tuple[str, tuple[Finding, ...], HealthReport | None]) -> Work:
        self.asked.append(call)
        text = self.texts.pop(0) if self.texts else ""
        if text:
            (root / "compose.yml").write_text(text)
        return Work(engine="fake", confirm=(f"wrote {text or 'nothing'}",))


@dataclass
class FakeChecker:
    """Finds what the table says for the text that was written."""

    found: dict[str, tuple[Finding, ...]] = field(default_factory=dict)

    async def check(self, root: Path, change: Change) -> tuple[Finding, ...]:
        del change
        path = root / "compose.yml"
        return self.found.get(path.read_text() if path.exists() else "", ())

    async def stack(self, root: Path) -> Stack | None:
        return Stack(path="compose.yml", services=()) if (root / "compose.yml").exists() else None


@dataclass
class FakeVerifier:
    """Gives the reports of a list in turn, bound to the commit asked about."""

    reports: list[HealthReport]
    asked: list[str] = field(default_factory=list)

    async def verify(self, branch: str, commit: str) -> HealthReport:
        del branch
        self.asked.append(commit)
        return self.reports.pop(0)


@dataclass
class RecordingSteps:
    """Runs steps, and holds every result to its promise: it survives a way through JSON."""

    names: list[str] = field(default_factory=list)

    async def run(self, name: str, kind: type[T], work: Callable[[], Awaitable[T]]) -> T:
        self.names.append(name)
        result = await work()
        stored = from_json(kind, to_json(result))
        assert stored == result, f"step {name} returned something that does not survive storage"
        return stored
