"""The ports of a run that this machine serves itself: the Brief, the rules, and Docker."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TypeVar

from bot.model.brief import Brief
from bot.model.change import Change
from bot.model.finding import Finding
from bot.model.health import HealthReport, Outcome
from bot.model.issue import Issue
from bot.model.stack import Stack

T = TypeVar("T")


class DocumentUnderstanding:
    """Reads the Brief from the tree's documents, and fills what they leave open with the defaults."""

    async def brief(self, root: Path, issue: Issue) -> Brief:
        """Conclude what must run."""
        from bot.brief.defaults import with_defaults
        from bot.brief.read import read_brief

        return with_defaults(await asyncio.to_thread(read_brief, root, issue))


class RuleChecker:
    """The static rules, on a tree on this machine."""

    async def check(self, root: Path, change: Change) -> tuple[Finding, ...]:
        """Check the stack in `root`, with the rules on a run's own files held against `change`."""
        from bot.check.engine import Options, check_tree

        changed = frozenset(file.path for file in change.files if file.status != "deleted")
        return (await asyncio.to_thread(check_tree, root, Options(changed=changed))).findings

    async def stack(self, root: Path) -> Stack | None:
        """Read the stack from its compose file."""
        from bot.check.stack import read_stack

        return await asyncio.to_thread(read_stack, root)


class NoVerifier:
    """Verifies nothing, and says so."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    async def verify(self, branch: str, commit: str) -> HealthReport:
        """Return *unverified* with the reason."""
        del branch
        return HealthReport(outcome=Outcome.UNVERIFIED, commit=commit, unverified=(self._reason,))


class DockerVerifier:
    """Verifies a commit on the Docker engine of this machine, in a tree of its own.

    `verify_root` builds, watches and takes down; it runs in a thread and ends soon after its event is set.
    """

    def __init__(
        self,
        tree: Callable[[str], AbstractAsyncContextManager[Path]],
        verify_root: Callable[[Path, str, threading.Event], HealthReport],
    ) -> None:
        self._tree = tree
        self._verify_root = verify_root

    async def verify(self, branch: str, commit: str) -> HealthReport:
        """Verify `commit`; when cancelled, wait until the stack is taken down before giving up the tree."""
        del branch
        async with self._tree(commit) as root:
            return await in_thread(lambda cancel: self._verify_root(root, commit, cancel))


async def in_thread(work: Callable[[threading.Event], T]) -> T:
    """Run `work` in a thread; a cancellation sets its event and waits for it to end in its own way."""
    cancel = threading.Event()
    running = asyncio.ensure_future(asyncio.to_thread(work, cancel))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        cancel.set()
        await asyncio.wait([running])
        raise
