"""A private git directory that borrows the objects of the user's repository and shares nothing else with it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from bot.errors import RepositoryError
from bot.model.change import Change
from bot.model.proposal import Merge
from bot.workspace.diff import EXACT, read_files
from bot.workspace.git import GitError, environment, git
from bot.workspace.outward import outward
from bot.workspace.oversize import oversize
from bot.workspace.repository import Repository

_CONFIG: Final = """\
[core]
\trepositoryformatversion = 1
\tbare = false
\tlogAllRefUpdates = false
\tautocrlf = false
\tsymlinks = true
[extensions]
\tobjectFormat = {object_format}
"""
_TOLD: Final = 100
_GITLINK: Final = b"160000 "
_CONFLICT: Final = 1  # what `merge-tree` ends with where the sides disagree
_USAGE: Final = 129  # what every git command ends with that does not know an option
_EVERYTHING_BINARY: Final = "* -diff\n"


class Store:
    """Reads and makes trees and commits beside the user's repository; all it makes is in `place` until handed over."""

    def __init__(self, place: Path, repository: Repository) -> None:
        """Lay out the git directory in `place`, an empty directory of ours."""
        self._place = place
        self._git_dir = place / "store.git"
        self._index = place / "index"
        self.repository = repository
        for part in ("refs", "objects/info", "info"):
            (self._git_dir / part).mkdir(parents=True)
        (self._git_dir / "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
        (self._git_dir / "config").write_text(_CONFIG.format(object_format=repository.object_format), encoding="ascii")
        # A link of ours, since a path in the file of alternates would need quoting.
        borrowed = self._git_dir / "borrowed"
        borrowed.symlink_to(repository.objects)
        (self._git_dir / "objects/info/alternates").write_bytes(os.fsencode(borrowed) + b"\n")
        shallow = repository.common_dir / "shallow"
        if shallow.is_file():
            shutil.copy(shallow, self._git_dir / "shallow")

    async def load(self, commit: str, change: Change | None = None) -> None:
        """Make the index that of `commit`, with `change` applied exactly.

        Raises:
            RepositoryError: The commit is not here, or the change does not apply to it.
        """
        await self._git("read-tree", f"{commit}^{{tree}}")
        if change is None or change.empty:
            return
        words = ["apply", "--cached", "--whitespace=nowarn"]
        if change.base != commit:
            words.append("--3way")
        try:
            await self._git(*words, "-", data=change.patch.encode())
        except GitError as error:
            raise RepositoryError(
                f"The change of {change.base[:7]} does not apply to {commit[:7]}: {error.what}"
            ) from error

    async def check_out(self, root: Path) -> None:
        """Write the index's files into `root`, an empty directory of ours."""
        await self._git("checkout-index", "--all", "--quiet", root=root)
        await self._git("update-index", "-q", "--refresh", root=root, also=(1,))

    async def written(self, root: Path, commit: str) -> Change:
        """Return what `root` holds beyond `commit`; ignored files are not part of it.

        Raises:
            RepositoryError: Something was written into a submodule, or a repository inside the tree.
        """
        links = [os.fsdecode(path) for path in await self._links()]
        for link in links:
            if _holds_anything(root / link):
                raise RepositoryError(
                    f"`{link}` is a submodule, another repository; files written there cannot become part of this one.",
                    hint="run on that repository, or ask for another place",
                )
        listed = await self._git("ls-files", "--others", "--modified", "--exclude-standard", "-z", root=root)
        paths = [path for path in listed.split(b"\0") if path]
        too_large, leading_out = oversize(root, paths), outward(root, paths)
        left_out = (*too_large, *leading_out)
        wanted = (b".", *(b":(top,exclude,literal)" + os.fsencode(path) for path in left_out))
        try:
            words = ("add", "--all", "--pathspec-from-file=-", "--pathspec-file-nul")
            await self._git(*words, root=root, data=b"\0".join(wanted))
        except GitError as error:
            if "does not have a commit checked out" not in error.said:
                raise
            raise RepositoryError(f"{error.said.splitlines()[0]}: a git repository inside the tree") from error
        new = [os.fsdecode(path) for path in await self._links() if os.fsdecode(path) not in links]
        if new:
            raise RepositoryError(f"`{new[0]}` is a git repository of its own inside the tree; remove its `.git`.")
        change = await self.difference(commit, None, root=root)
        listing = await self._git(
            "ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z", root=root
        )
        ignored = sorted(entry.decode(errors="replace") for entry in listing.split(b"\0") if entry)
        return replace(
            change,
            ignored=tuple(ignored[:_TOLD]),
            oversize=too_large[:_TOLD],
            outward=leading_out[:_TOLD],
        )

    async def _links(self) -> list[bytes]:
        staged = (await self._git("ls-files", "--stage", "-z")).split(b"\0")
        return [entry.partition(b"\t")[2] for entry in staged if entry.startswith(_GITLINK)]

    async def difference(self, base: str, head: str | None, *, root: Path | None = None) -> Change:
        """Return what `head`, or the index where it is None, holds beyond `base`."""
        what = ("diff-tree", "-r", base, head) if head else ("diff-index", "--cached", base)

        async def diff(form: str, *more: str) -> bytes:
            return await self._git(what[0], form, *more, *EXACT, *what[1:], root=root)

        files = read_files(await diff("--raw", "-z"), await diff("--numstat", "-z"))
        patch = await diff("--patch", "--binary")
        try:
            return Change(base=base, patch=patch.decode(), files=files)
        except UnicodeDecodeError:
            # Latin-1 or the like: such bytes travel in git's own binary form, which is ASCII.
            attributes = self._git_dir / "info/attributes"
            attributes.write_text(_EVERYTHING_BINARY, encoding="ascii")
            try:
                patch = await diff("--patch", "--binary")
            finally:
                attributes.unlink()
            return Change(base=base, patch=patch.decode("ascii"), files=files)

    async def merge(self, ours: str, theirs: str) -> Merge:
        """Make the index that of `ours` with `theirs` merged into it; the answer has no commit yet."""
        try:
            told = await self._git("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs)
        except GitError as error:
            if error.status == _CONFLICT:
                paths = {os.fsdecode(path) for path in error.out.split(b"\0")[1:] if path}
                return Merge(conflicts=tuple(sorted(paths)), impossible="" if paths else "they are laid out otherwise")
            if error.status == _USAGE:
                return Merge(impossible="merging without a working tree needs git 2.38 or newer")
            raise
        await self._git("read-tree", told.split(b"\0")[0].decode())
        return Merge()

    async def commit(self, *, parents: Sequence[str], message: str, identity: dict[str, str]) -> str:
        """Make a commit of the index and hand it over to the repository; return its id."""
        tree = (await self._git("write-tree")).decode().strip()
        text = message if message.endswith("\n") else f"{message}\n"
        after = [word for parent in parents for word in ("-p", parent)]
        made = await self._git("commit-tree", tree, *after, "-F", "-", data=text.encode(), env=identity)
        commit = made.decode().strip()
        revisions = "\n".join((commit, *(f"^{parent}" for parent in parents), "")).encode()
        pack = await self._git("pack-objects", "--revs", "--stdout", "--quiet", data=revisions)
        await git("unpack-objects", "-q", cwd=self.repository.top, data=pack)
        return commit

    async def uncommitted(self, commit: str) -> list[str]:
        """Return paths in the user's working tree that differ from `commit`; reads a copy of their index."""
        (self._git_dir / "HEAD").write_text(f"{commit}\n", encoding="ascii")
        index = self.repository.git_dir / "index"
        if index.is_file():
            shutil.copy2(index, self._index)  # with its time stamp, by which git knows what may have changed since
        excluded = self.repository.common_dir / "info/exclude"
        if excluded.is_file():
            shutil.copy(excluded, self._git_dir / "info/exclude")
        modes = await self.repository.ask("config", "--type=bool", "--default=true", "core.fileMode")
        words = ("status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=all", "--untracked-files=normal")
        listing = await self._git("-c", f"core.fileMode={modes}", *words, root=self.repository.top)
        return [os.fsdecode(entry[3:]) for entry in listing.split(b"\0") if entry]

    async def _git(
        self,
        *arguments: str,
        root: Path | None = None,
        data: bytes | None = None,
        env: dict[str, str] | None = None,
        also: tuple[int, ...] = (),
    ) -> bytes:
        places = {"GIT_DIR": str(self._git_dir), "GIT_INDEX_FILE": str(self._index)}
        if root is not None:
            places["GIT_WORK_TREE"] = str(root)
        merged = environment(**places, **(env or {}))
        return await git(*arguments, cwd=root or self._place, data=data, env=merged, also=also)


def _holds_anything(place: Path) -> bool:
    return place.is_dir() and not place.is_symlink() and any(place.iterdir())
