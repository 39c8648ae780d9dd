"""Which written files are too much for a pull request: nobody reviews them, and a history never forgets them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_MEBIBYTE: Final = 1024 * 1024
TEXT: Final = 5 * _MEBIBYTE  # lock files of large projects are below it
BINARY: Final = _MEBIBYTE // 4  # icons and a build tool's wrapper are below it
ALL: Final = 32 * _MEBIBYTE
FILES: Final = 5_000
_LOOKED_AT: Final = 8_000  # bytes in which git itself looks for a zero byte


def oversize(root: Path, paths: Iterable[bytes]) -> tuple[str, ...]:
    """Return those of the written `paths` that are left out: too large, or one too many; the smallest stay."""
    sizes = sorted((size, path) for path in set(paths) if (size := _size(root, path)) >= 0)
    left_out, total, number = [], 0, 0
    for size, path in sizes:
        total += size
        number += 1
        if size > TEXT or total > ALL or number > FILES or (size > BINARY and _is_binary(root, path)):
            left_out.append(os.fsdecode(path))
            total -= size
            number -= 1
    return tuple(sorted(left_out))


def _size(root: Path, path: bytes) -> int:
    """Return the size of an ordinary file; -1 for all else: a link is as long as its name, and a deletion is none."""
    try:
        found = Path(root, os.fsdecode(path)).lstat()
    except OSError:
        return -1
    return found.st_size if stat.S_ISREG(found.st_mode) else -1


def _is_binary(root: Path, path: bytes) -> bool:
    with Path(root, os.fsdecode(path)).open("rb") as file:
        return b"\0" in file.read(_LOOKED_AT)
