"""What git keeps: whether a file is committed, or lies on this disk only."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bot.check.sources.once import once_per_tree
from bot.check.tree import Tree

_MAX_INDEX: Final = 50_000_000


@once_per_tree
def _index(tree: Tree) -> tuple[str, bytes] | None:
    """Return the tree's path inside its repository, and the index's bytes; None where there is no repository."""
    for folder in (tree.root, *tree.root.parents[:3]):
        git = folder / ".git"
        try:
            if git.is_file():  # a linked worktree names its own folder
                git = folder / git.read_text(encoding="utf-8").partition("gitdir:")[2].strip()
            if git.is_dir():
                index = git / "index"
                prefix = tree.root.relative_to(folder).as_posix()
                small = index.is_file() and index.stat().st_size <= _MAX_INDEX
                return ("" if prefix == "." else f"{prefix}/"), index.read_bytes() if small else b""
        except (OSError, ValueError):
            return None
    return None


def tracked(tree: Tree, path: str) -> bool | None:
    """Whether git tracks `path`; None where the tree is in no repository."""
    found = _index(tree)
    if found is None:
        return None
    prefix, data = found
    # An entry of the index ends with its path and a NUL. Version 4 cuts common beginnings off: there the name decides.
    name = f"{prefix}{path}" if data[4:8] != b"\x00\x00\x00\x04" else Path(path).name
    return name.encode() + b"\0" in data
