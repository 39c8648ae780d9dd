"""Private directories that are gone afterwards: at the end, or, after a kill -9, at a later start."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PREFIX: Final = "groundwork-tree-"
_LOCK: Final = "owner.lock"
_UNBORN_SECONDS: Final = 3600.0  # a directory that never got its lock: its maker was killed within a millisecond

_log = logging.getLogger(__name__)


@contextmanager
def scratch() -> Iterator[Path]:
    """Make a directory that only we can read, and remove it with all it holds when the context ends.

    Its owner holds a lock in it, which the kernel takes back however the owner ends: see `sweep`.
    """
    place, lock = _owned()
    try:
        yield place
    finally:
        remove(place)
        os.close(lock)


def _owned() -> tuple[Path, int]:
    """Make a directory and take its lock; once more where a sweeper was quicker to take it."""
    while True:
        place = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = os.open(place / _LOCK, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (place / _LOCK).exists():
            return place, lock
        os.close(lock)


def sweep() -> tuple[Path, ...]:
    """Remove what killed processes of this user left behind, and nothing that a live one owns; return what went."""
    return tuple(place for place in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")) if _swept(place))


def _swept(place: Path) -> bool:
    try:
        seen = place.lstat()
        if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.geteuid():
            return False
        lock = os.open(place / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        if place.is_dir() and time.time() - seen.st_mtime > _UNBORN_SECONDS:
            remove(place)
            return True
        return False
    except OSError:  # not ours to read, so not ours to remove
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        remove(place)
        return True
    finally:
        os.close(lock)


def remove(place: Path) -> None:
    """Remove a directory, also where tools made parts of it read-only; what cannot be removed is logged by name."""
    shutil.rmtree(place, onerror=_writable_and_again)
    if place.exists():
        _log.warning("%s could not be removed; if containers left files of root there: sudo rm -rf %s", place, place)


def _writable_and_again(function: Callable[..., object], path: str, _error: object) -> None:
    """Give ourselves the permission that the failed call lacked, and call it once more."""
    try:
        for needed in (Path(path).parent, Path(path)):
            if not needed.is_symlink():
                needed.chmod(0o700)
        if function in {os.open, os.scandir, os.lstat}:
            shutil.rmtree(path, ignore_errors=True)
        else:
            function(path)
    except OSError:
        return  # `remove` looks at what is left and tells
