"""The listing of a diff, read: which files, how, and how many lines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from bot.errors import RepositoryError
from bot.model.change import FileChange, FileStatus

# Everything that could make the same change read differently elsewhere is said outright.
EXACT: Final = (
    "--full-index",
    "--no-renames",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-indent-heuristic",
    "--diff-algorithm=myers",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--ignore-submodules=none",
)
_STATUS: Final[dict[str, FileStatus]] = {"A": "added", "M": "modified", "T": "modified", "D": "deleted"}


def read_files(raw: bytes, numstat: bytes) -> tuple[FileChange, ...]:
    """Return the files that `diff --raw -z` and `diff --numstat -z` list, sorted by path.

    Args:
        raw: `:<mode> <mode> <id> <id> <status>` and the path, each ended by NUL.
        numstat: `<added> <tab> <removed> <tab> <path>`, ended by NUL; `-` for binary files.

    Raises:
        RepositoryError: A path is not UTF-8, so that no text can name it.
    """
    lines = dict(_counted(numstat))
    fields = raw.split(b"\0")
    files = []
    for about, path in zip(fields[0:-1:2], fields[1::2], strict=True):
        added, removed = lines.get(path, (0, 0))
        status = _STATUS[about.rpartition(b" ")[2].decode()[:1]]
        files.append(FileChange(path=_text(path), status=status, lines_added=added, lines_removed=removed))
    return tuple(sorted(files, key=lambda file: file.path))


def _counted(numstat: bytes) -> Iterator[tuple[bytes, tuple[int, int]]]:
    for entry in filter(None, numstat.split(b"\0")):
        added, removed, path = entry.split(b"\t", 2)
        yield path, (int(added) if added.isdigit() else 0, int(removed) if removed.isdigit() else 0)


def _text(path: bytes) -> str:
    try:
        return path.decode()
    except UnicodeDecodeError as error:
        raise RepositoryError(
            f"The changed file {os.fsdecode(path)!r} has a name that is not UTF-8, so no report can name it.",
            hint="rename it",
        ) from error
