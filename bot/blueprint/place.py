"""Placing files in a tree: never over what somebody else wrote, never through a link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from bot.blueprint.skill import RenderedFile
from bot.model.change import Kept

_LINK: Final = "it is a symbolic link; nothing is written through links"
_FILE: Final = "it is a file where the scaffold needs a folder"
_FOLDER: Final = "it is a folder where the scaffold has a file"
_OTHER: Final = "it was there already, with other content; the scaffold's version was not written"


def place(files: Iterable[RenderedFile], root: Path, former: Mapping[str, bytes] | None = None) -> tuple[Kept, ...]:
    """Write `files` below `root`; return what stood in the way and was left alone, sorted by path.

    A file that is there with the same content, or with the content of `former`, is ours from a former run and is no
    obstacle.
    """
    before = former or {}
    kept: dict[str, Kept] = {}
    for file in files:
        obstacle = _in_the_way(root, file.path) or _at_target(root / file.path, file, before.get(file.path))
        if obstacle is None:
            target = root / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.content)
            target.chmod(file.mode)
        else:
            kept.setdefault(obstacle.path, obstacle)
    return tuple(kept[path] for path in sorted(kept))


def _in_the_way(root: Path, path: str) -> Kept | None:
    """Return the first folder on the way to `path` that cannot be entered."""
    parts = path.split("/")
    for count in range(1, len(parts)):
        shown = "/".join(parts[:count])
        folder = root / shown
        if folder.is_symlink():
            return Kept(path=shown, why=_LINK)
        if folder.exists() and not folder.is_dir():
            return Kept(path=shown, why=_FILE)
    return None


def _at_target(target: Path, file: RenderedFile, former: bytes | None) -> Kept | None:
    """Return what is at the place of `file` already and is not the same."""
    if target.is_symlink():
        return Kept(path=file.path, why=_LINK)
    if target.is_dir():
        return Kept(path=file.path, why=_FOLDER)
    if target.exists() and target.read_bytes() not in {file.content, former}:
        return Kept(path=file.path, why=_OTHER)
    return None
