"""The private copy of a tree: the stack runs there, so the tree itself is never touched."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.errors import UsageError
from bot.verify.identity import Identity, Owner, is_abandoned

PREFIX: Final = "groundwork-verify-"
OWNER_FILE: Final = ".owner"
COMPOSE_NAMES: Final = ("docker-compose.yml", "compose.yaml", "compose.yml", "docker-compose.yaml")
# What a clean checkout would not hold and a build would not miss; only asked where git cannot tell.
_SKIPPED: Final = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__", ".mypy_cache", ".pytest_cache"})
_MOST_FILES: Final = 200_000
_MOST_BYTES: Final = 4 * 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The tree to verify: its compose file relative to it, and the commit it stands at."""

    root: Path
    compose: str
    commit: str = ""
    dirty: bool = False
    files: tuple[str, ...] | None = None


def find_compose(root: Path) -> str:
    """Return the compose file relative to `root`: in `src/`, or in `root` itself.

    Raises:
        UsageError: there is none.
    """
    for folder in ("src/", ""):
        for name in COMPOSE_NAMES:
            if (root / folder / name).is_file():
                return f"{folder}{name}"
    raise UsageError(
        f"There is no compose file in {root} or in its src folder.",
        hint="name the repository, or the folder that holds docker-compose.yml",
    )


def read_source(root: Path, commit: str = "") -> Source:
    """Look at the tree: compose file, commit, files.

    Raises:
        UsageError: not a directory, or without a compose file.
    """
    root = root.resolve()
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder.", hint="name the repository, or the folder with docker-compose.yml")
    compose = find_compose(root)
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed is None:
        return Source(root=root, compose=compose, commit=commit)
    files = tuple(sorted({name for name in listed.split("\0") if name}))
    if compose not in files:  # the stack itself is ignored by git: then git does not know what belongs to it
        return Source(root=root, compose=compose, commit=commit)
    head = commit or (_git(root, "rev-parse", "--verify", "--quiet", "HEAD") or "").strip()
    dirty = bool((_git(root, "status", "--porcelain", "--", ".") or "").strip())
    return Source(root=root, compose=compose, commit=head, dirty=dirty, files=files)


def _git(root: Path, *arguments: str) -> str | None:
    """Ask git, with nothing of the tree's own configuration that could run a program; None where it cannot say."""
    command = ("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*")
    try:
        asked = subprocess.run((*command, *arguments), cwd=root, capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    return asked.stdout.decode("utf-8", "surrogateescape")


class PrivateTree:
    """A copy in a folder of its own, labelled with its owner so that a later start removes what a kill left."""

    def __init__(self, source: Source, identity: Identity, owner: Owner) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.root = self.folder / "tree"
        try:
            (self.folder / OWNER_FILE).write_text(str(owner))
            _copy(source, self.root)
            _stay_inside(self.root, source.compose)
            if os.getuid() == 0 and identity.uid:
                _give(self.root, identity)
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise


def _stay_inside(root: Path, compose: str) -> None:
    if not (root / compose).resolve().is_relative_to(root.resolve()):
        raise UsageError(
            f"{compose} leads out of the tree by a symbolic link; nothing was built or started.",
            hint="put the file itself there",
        )


def _copy(source: Source, target: Path) -> None:
    """Copy files and links (as links: the gate must see where they lead); anything else is left out."""
    names = source.files if source.files is not None else tuple(_walk(source.root))
    if len(names) > _MOST_FILES:
        raise UsageError(
            f"The tree holds {len(names)} files; {_MOST_FILES} are the most.", hint="verify a smaller tree"
        )
    total = 0
    real: dict[Path, bool] = {}
    target.mkdir()
    for name in names:
        origin, copy = source.root / name, target / name
        if origin.parent not in real:
            # A folder that became a link after git last looked would be read, and in the copy written, through.
            real[origin.parent] = origin.parent.resolve() == origin.parent
            if real[origin.parent]:
                copy.parent.mkdir(parents=True, exist_ok=True)
        if not real[origin.parent]:
            continue
        try:
            status = origin.lstat()
        except OSError:  # deleted in the working tree, still in the index
            continue
        total += status.st_size
        if total > _MOST_BYTES:
            raise UsageError("The tree holds more than 4 GB.", hint="ignore build results in .gitignore")
        if stat.S_ISLNK(status.st_mode):
            copy.symlink_to(origin.readlink())
        elif stat.S_ISREG(status.st_mode):
            shutil.copyfile(origin, copy)
            copy.chmod(stat.S_IMODE(status.st_mode) & 0o777)


def _walk(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and name not in links)
        for name in (*sorted(files), *links):
            yield (here / name).relative_to(root).as_posix()


def _give(root: Path, identity: Identity) -> None:
    os.chown(root, identity.uid, identity.gid)
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            os.chown(Path(folder) / name, identity.uid, identity.gid, follow_symlinks=False)


def abandoned_trees() -> tuple[Path, ...]:
    """Return folders of verifications whose process is gone."""
    found = []
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            label = (folder / OWNER_FILE).read_text()
        except OSError:
            continue
        if is_abandoned(label):
            found.append(folder)
    return tuple(found)
