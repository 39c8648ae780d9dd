"""A clone of ours is worked in by one git at a time; what one that was killed left in it is taken away first.

A git that is killed leaves its lock files, and every later one would refuse to work beside them.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import chain
from pathlib import Path
from typing import Final

_LOG: Final = logging.getLogger(__name__)
_TURN: Final = "turn"  # a file beside the clone; the kernel takes its lock back however its holder ends


@contextmanager
def held(clone: Path) -> Iterator[None]:
    """Wait for our turn in `clone`, for work in this thread."""
    descriptor = _turn(clone)
    try:
        _wait(descriptor, clone)
        yield
    finally:
        os.close(descriptor)


@asynccontextmanager
async def held_here(clone: Path) -> AsyncIterator[None]:
    """Wait for our turn in `clone`, for work that is ended when this task is cancelled."""
    descriptor = _turn(clone)
    try:
        await asyncio.to_thread(_wait, descriptor, clone)
        yield
    finally:
        os.close(descriptor)


def _turn(clone: Path) -> int:
    clone.parent.mkdir(parents=True, exist_ok=True)
    return os.open(clone.parent / _TURN, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _wait(descriptor: int, clone: Path) -> None:
    """Wait for the turn, then remove what only a live git would need, since none is alive here."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    git = clone / ".git"
    for left in chain(git.glob("*.lock"), (git / "refs").rglob("*.lock"), (git / "objects/pack").glob("tmp_*")):
        _LOG.warning("a git that was killed left %s", left)
        left.unlink(missing_ok=True)
