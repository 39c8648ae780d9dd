"""The user's repository: found, described, and moved forward by one branch; nothing else in it is ever written."""

from __future__ import annotations

import asyncio
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.errors import RepositoryError
from bot.workspace.git import GitError, git, line

_ABSENT: Final = 1  # the exit status by which `rev-parse --quiet` and `merge-base` say "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository with a working tree.

    Attributes:
        top: The top of the working tree.
        git_dir: The directory of this working tree's HEAD and index.
        common_dir: The directory of what all its working trees share: objects, refs, configuration.
        object_format: `sha1` or `sha256`.
    """

    top: Path
    git_dir: Path
    common_dir: Path
    object_format: str = "sha1"

    @property
    def objects(self) -> Path:
        """Where its objects are."""
        return self.common_dir / "objects"

    async def ask(self, *arguments: str, also: tuple[int, ...] = ()) -> str:
        """Return git's one answer about it."""
        return await line(*arguments, cwd=self.top, also=also)

    async def commit(self, name: str) -> str:
        """Return the commit that `name` (a full ref, `HEAD`, or an id) points to, or "" where there is none."""
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return await self.ask(*words, also=(_ABSENT,))

    async def head_branch(self) -> str:
        """Return the branch that is checked out, or "" for a detached HEAD."""
        ref = await self.ask("symbolic-ref", "--quiet", "HEAD", also=(_ABSENT,))
        return ref.removeprefix("refs/heads/")

    async def descends(self, commit: str, ancestor: str) -> bool:
        """Return whether `ancestor` is `commit` or among its ancestors."""
        common = await self.ask("merge-base", ancestor, commit, also=(_ABSENT,))
        return common == ancestor

    async def merge_base(self, one: str, other: str) -> str:
        """Return their newest common ancestor, or "" for unrelated histories."""
        return await self.ask("merge-base", one, other, also=(_ABSENT,))

    async def count(self, since: str, until: str) -> int:
        """Return how many commits `until` has beyond `since`."""
        return int(await self.ask("rev-list", "--count", f"{since}..{until}"))

    async def born(self, commit: str) -> int:
        """Return when `commit` was made, in seconds since 1970; read raw, since `show` may call a signature checker."""
        headers = (await git("cat-file", "commit", commit, cwd=self.top)).partition(b"\n\n")[0]
        made = next(line for line in headers.split(b"\n") if line.startswith(b"committer "))
        return max(0, int(made.rsplit(b" ", 2)[1]))

    async def checked_out_at(self, branch: str) -> str:
        """Return the working tree in which `branch` is checked out, or ""."""
        listing = await git("worktree", "list", "--porcelain", "-z", cwd=self.top)
        for entry in listing.split(b"\0\0"):
            fields = [os.fsdecode(field) for field in entry.split(b"\0")]
            if f"branch refs/heads/{branch}" in fields:
                return next((f.removeprefix("worktree ") for f in fields if f.startswith("worktree ")), str(self.top))
        return ""

    async def advance(self, branch: str, commit: str, *, expected: str) -> None:
        """Move `branch` from `expected` ("" for: there is none) to `commit`, forward only; twice is once.

        Raises:
            RepositoryError: It moved meanwhile, is checked out somewhere, or the move would lose commits.
        """
        ref = f"refs/heads/{branch}"
        found = await self.commit(ref)
        if found == commit:
            return
        await self.refuse_checked_out(branch)
        if found and not await self.descends(commit, found):
            raise _moved(branch, found)
        if expected and found != expected:
            raise _moved(branch, found)
        words = ("update-ref", "-m", "groundwork", ref, commit, found or "0" * len(commit))
        try:
            await git(*words, cwd=self.top)
        except GitError as error:
            if await self.commit(ref) != found:
                raise _moved(branch, found) from error
            raise RepositoryError(
                f"The branch `{branch}` could not be written: {error.what}",
                hint=f"check that {self.common_dir / 'refs'} is writable and holds no stale .lock file",
            ) from error

    async def refuse_checked_out(self, branch: str) -> None:
        """Refuse where somebody works on `branch`: moving it would show up as changes in their tree.

        Raises:
            RepositoryError: It is checked out.
        """
        where = await self.checked_out_at(branch)
        if where:
            raise RepositoryError(
                f"The branch `{branch}` is checked out in {where}; moving it would turn up as changes there.",
                hint=f"git -C {where} switch to another branch, then run again",
            )

    async def refuse_dirtying(self, folder: Path) -> None:
        """Refuse a folder within the working tree, unless git ignores it there or it is git's own.

        Raises:
            RepositoryError: Files in it would turn up as changes.
        """
        real, top = await asyncio.to_thread(lambda: (folder.resolve(), self.top.resolve()))
        if not real.is_relative_to(top):
            return
        inside = real.relative_to(top)
        if inside.parts[:1] == (".git",):
            return
        ignored = inside.parts and await self.ask("check-ignore", "--", f"./{inside}/", also=(_ABSENT,))
        if not ignored:
            raise RepositoryError(
                f"{folder} lies in the working tree, where the texts would turn up as changes.",
                hint="name a directory outside of the repository with --out, or one that .gitignore names",
            )


def _moved(branch: str, found: str) -> RepositoryError:
    where = f"is now at {found[:7]}" if found else "is gone"
    return RepositoryError(
        f"The branch `{branch}` moved while this run was on: it {where}. Nothing was changed.",
        hint="run again; it will continue on what is there",
    )


async def find(path: Path) -> Repository:
    """Return the repository whose working tree's top is `path`.

    Raises:
        RepositoryError: There is none, or it has no working tree, or `path` is only a part of one.
    """
    _refuse_unreadable(path)
    try:
        answers = await line(
            "rev-parse", "--is-bare-repository", "--is-inside-git-dir", "--show-object-format", cwd=path
        )
    except GitError as error:
        if "not a git repository" not in error.said:
            raise
        raise RepositoryError(
            f"{path} is not a git repository.", hint=f"git -C {path} init, then commit the project's documents"
        ) from error
    bare, inside, object_format = answers.split()
    if bare == "true":
        raise RepositoryError(
            f"{path} is a bare repository; the documents are read from a repository with a working tree.",
            hint=f"git clone {path} somewhere, and run there",
        )
    if inside == "true":
        raise RepositoryError(f"{path} is the inside of a repository.", hint="name the directory that holds `.git`")
    top = Path(await line("rev-parse", "--show-toplevel", cwd=path))
    if not await asyncio.to_thread(top.samefile, path):
        raise RepositoryError(
            f"{path} is a directory inside the repository {top}, not a repository itself.",
            hint=f"run on {top}, or make {path} a repository of its own",
        )
    absolute = ("rev-parse", "--path-format=absolute")
    return Repository(
        top=top,
        git_dir=Path(await line(*absolute, "--git-dir", cwd=path)),
        common_dir=Path(await line(*absolute, "--git-common-dir", cwd=path)),
        object_format=object_format,
    )


def _refuse_unreadable(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except PermissionError:
        mode = 0
    except OSError as error:
        raise RepositoryError(f"{path} does not exist.", hint="name the directory of a git repository") from error
    if stat.S_ISREG(mode):
        raise RepositoryError(f"{path} is a file, not a repository.", hint="name the directory of a git repository")
    if not os.access(path, os.R_OK | os.X_OK, effective_ids=True):
        raise RepositoryError(f"{path} cannot be read.", hint="check its permissions, or run as its owner")
