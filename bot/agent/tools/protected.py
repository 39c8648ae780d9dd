"""What the model may not write, whatever it is told: git's own files, and the files that decide who may do what."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

_OWNERS: Final = ("codeowners", ".github/codeowners", "docs/codeowners")
_WORKFLOWS: Final = ".github/workflows"
_FILES: Final = (".gitmodules", "CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a run may write beyond the ordinary: `workflows` where its task is continuous integration."""

    workflows: bool = False


def refusal(path: PurePosixPath, policy: Policy) -> str:
    """Return why nothing is written at `path` (relative to the workspace), as a sentence; "" where it may be."""
    parts = [part.casefold().rstrip(". ") for part in path.parts]  # as the most generous file systems read names
    name = "/".join(parts)
    if ".git" in parts:
        return "`.git` is git's own; the change is committed for you."
    if name == ".gitmodules":
        return "`.gitmodules` decides which other repositories are fetched; submodules are for people to add."
    if name in _OWNERS:
        return "`CODEOWNERS` decides who must approve; it is for people to change."
    if not policy.workflows and (name == _WORKFLOWS or name.startswith(f"{_WORKFLOWS}/")):
        return "Workflows run with the repository's secrets; this task does not allow changing them."
    return ""


class Standing:
    """The protected files as they stood at the start; commands cannot be kept from them, so they are put back."""

    def __init__(self, root: Path, policy: Policy) -> None:
        self._root = root
        self._policy = policy
        self._held = dict(self._found())

    def put_back(self) -> tuple[str, ...]:
        """Undo what was done to protected files; return their paths, sorted."""
        now = dict(self._found())
        changed = {path for path in {*now, *self._held} if now.get(path) != self._held.get(path)}
        for path in sorted(changed):
            self._undo(path)
        return tuple(sorted({*changed, *self._repositories()}))

    def _undo(self, path: str) -> None:
        target = self._root / path
        _clear(target)
        kept = self._held.get(path)
        if kept is None:
            return
        _real_folder(self._root, PurePosixPath(path).parent)
        content, mode = kept
        if mode is None:
            target.symlink_to(os.fsdecode(content))
        else:
            target.write_bytes(content)
            target.chmod(mode)

    def _repositories(self) -> Iterator[str]:
        """Remove git directories that commands made inside the tree, and yield their paths."""
        for folder, folders, files in os.walk(self._root):
            for name in (*folders, *files):
                if name.casefold() == ".git":
                    place = Path(folder, name)
                    _clear(place)
                    yield place.relative_to(self._root).as_posix()
            folders[:] = [name for name in folders if name.casefold() != ".git"]

    def _found(self) -> Iterator[tuple[str, tuple[bytes, int | None]]]:
        """Yield each protected file with content and mode (None for a link, whose target is the content)."""
        for path in _FILES:
            yield from self._one(path)
        if self._policy.workflows:
            return
        place = self._root / _WORKFLOWS
        if place.is_symlink() or not place.is_dir():
            yield from self._one(_WORKFLOWS)
        elif not place.parent.is_symlink():
            for folder, folders, files in os.walk(place):
                links = (name for name in folders if Path(folder, name).is_symlink())
                for name in (*files, *links):
                    yield from self._one(Path(folder, name).relative_to(self._root).as_posix())

    def _one(self, path: str) -> Iterator[tuple[str, tuple[bytes, int | None]]]:
        target = self._root / path
        if (self._root / PurePosixPath(path).parts[0]).is_symlink() and "/" in path:
            return  # its folder leads elsewhere: as far as git sees, it is gone
        if target.is_symlink():
            yield path, (os.fsencode(target.readlink()), None)
        elif target.is_file():
            yield path, (target.read_bytes(), target.stat().st_mode & 0o777)


def _real_folder(root: Path, folder: PurePosixPath) -> None:
    """Make `folder` below `root` a chain of real folders: a link or a file in its way is removed."""
    place = root
    for part in folder.parts:
        place /= part
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            place.unlink()
        place.mkdir(exist_ok=True)


def _clear(place: Path) -> None:
    """Remove what is at `place`, never following a link."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
