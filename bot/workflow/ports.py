"""What the story of a run needs from the world; adapters are chosen in `bot.app`, `bot.site` and `bot.cli`.

Every value that crosses a step is frozen and JSON-serialisable, so that a durable engine can store it. A workspace is
never such a value: each step opens the tree it needs, from a commit and a patch.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bot.model.ask import Ask, Revision
from bot.model.brief import Brief
from bot.model.change import Change, Work
from bot.model.finding import Finding
from bot.model.health import HealthReport
from bot.model.issue import Issue
from bot.model.proposal import Base, Merge, Proposal
from bot.model.stack import Stack

T = TypeVar("T")


class Workspaces(Protocol):
    """Trees of one repository."""

    async def base(self, branch: str) -> Base:
        """Resolve where the run on `branch` starts.

        Raises:
            RepositoryError: not a repository, bare, empty, or otherwise not workable; nothing was changed.
        """
        ...

    def tree(self, commit: str, change: Change | None = None) -> AbstractAsyncContextManager[Path]:
        """Open a private tree at `commit` with `change` applied; it is gone when the context ends, however it ends."""
        ...

    async def change(self, root: Path) -> Change:
        """Return what was written in an open tree, against the commit it was opened at."""
        ...

    async def between(self, base: str, head: str) -> Change:
        """Return what `head` holds beyond `base`, both commits."""
        ...

    async def difference(self, base: str, head: str) -> Change:
        """Return what turns the files of `base` into those of `head`, whichever of the two commits came first."""
        ...

    async def commit(self, change: Change, *, parent: str, message: str) -> str:
        """Make the commit object (idempotent: same change, parent and message, same commit) and return its id."""
        ...

    async def merge(self, ours: str, theirs: str, *, message: str) -> Merge:
        """Make the commit that merges `theirs` into `ours` (idempotent), or tell where they disagree."""
        ...


class Forge(Protocol):
    """Where branches, pull requests and reports live. Each call may run twice and leaves one of everything."""

    async def push(self, branch: str, commit: str, *, expected: str) -> str:
        """Move `branch` from `expected` (or from nothing) to `commit`; never by force.

        Return the commit it is at: another one, of the same files, where the forge makes commits itself.

        Raises:
            RepositoryError: the branch moved meanwhile; nothing was changed.
        """
        ...

    async def propose(self, proposal: Proposal) -> str:
        """Open or renew the pull request; return where a person finds it."""
        ...


class Engine(Protocol):
    """What turns a Brief into files; it writes in `root` and nowhere else."""

    async def build(self, brief: Brief, issue: Issue, root: Path) -> Work:
        """Write the infrastructure."""
        ...

    async def repair(
        self, brief: Brief, issue: Issue, root: Path, findings: tuple[Finding, ...], health: HealthReport | None
    ) -> Work:
        """Mend what a check or a verification found; a `Work` without a change in the tree means: cannot."""
        ...

    async def revise(self, brief: Brief, issue: Issue, root: Path, asks: tuple[Ask, ...]) -> Revision:
        """Change what people ask for; an ask without an answer counts as not done."""
        ...


class Understanding(Protocol):
    """Reads the Brief from a tree and the issue."""

    async def brief(self, root: Path, issue: Issue) -> Brief:
        """Conclude what must run."""
        ...


class Checker(Protocol):
    """The rules."""

    async def check(self, root: Path, change: Change) -> tuple[Finding, ...]:
        """Check the stack in `root`; `change` tells which files this run wrote (some rules concern only those)."""
        ...

    async def stack(self, root: Path) -> Stack | None:
        """Read the stack for people; None where there is no compose file."""
        ...


class Verifier(Protocol):
    """Proves, or says why not."""

    async def verify(self, branch: str, commit: str) -> HealthReport:
        """Verify the pushed `commit`; never raises for a stack that is not healthy."""
        ...


class Prover(Protocol):
    """Proves in several steps of the run itself, where that takes longer than a step should: it may wait for mail."""

    async def prove(self, name: str, branch: str, commit: str) -> HealthReport:
        """Verify the pushed `commit`; the step `name` is the one that holds the report."""
        ...


class Mail(Protocol):
    """What a run waits for: messages that others send it."""

    async def wait(self, topic: str, seconds: float) -> Any | None:
        """Return the next message of `topic` (JSON builtins), or None when `seconds` have passed."""
        ...


class Steps(Protocol):
    """Runs one step of the story: durably on a server, with progress in a terminal."""

    async def run(self, name: str, kind: type[T], work: Callable[[], Awaitable[T]]) -> T:
        """Return what `work` returns (of `kind`, JSON-serialisable); on a replay, what it returned the first time."""
        ...
