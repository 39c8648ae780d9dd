"""Trees of a repository that is elsewhere: a shallow clone without file contents, filled as commits are needed.

The clone is a cache of ours. Whatever is missing is fetched again, so that a run can go on in another process.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bot.errors import RepositoryError
from bot.model.change import Change
from bot.model.outgoing import Outgoing
from bot.model.proposal import Base, Merge
from bot.workspace.git import git
from bot.workspace.held import held_here
from bot.workspace.remote import Credential, Remote
from bot.workspace.repository import Repository, find
from bot.workspace.scratch import sweep
from bot.workspace.taken_apart import taken_apart
from bot.workspace.worktree import Identity, WorktreeWorkspaces, continued

_NONE: Final = "refs/heads/none"  # HEAD of the clone: nothing is ever checked out
_DEPTHS: Final = (50, 500, 5000)  # commits of our branch and its base, until they meet
_WORKFLOWS: Final = ".github/workflows"


class ClonedWorkspaces:
    """The port `Workspaces`, and the pushes of the port `Forge`, for the repository at `url`, cloned to `path`."""

    def __init__(self, path: Path, url: str, credential: Credential, *, identity: Identity | None = None) -> None:
        """Remember the places; `identity` is who commits. Nothing is fetched before it is needed."""
        self._path = path
        self._url = url
        self._remote = Remote(path, url, credential)
        self._inner = WorktreeWorkspaces(path, identity=identity)
        self._lock = asyncio.Lock()

    async def base(self, branch: str) -> Base:
        """Fetch where the run on `branch` starts: the default branch, and what an earlier run left on `branch`.

        Raises:
            RepositoryError: The repository is empty, cannot be read, or cannot hold such a branch.
        """
        await asyncio.to_thread(sweep)
        await self._made()
        above = ["/".join(branch.split("/")[:length]) for length in range(1, branch.count("/") + 1)]
        refs = await self._remote.refs(branch, *above)
        if not refs.commit or not refs.default:
            raise RepositoryError(
                "This repository is empty: it has no commit yet.",
                hint="commit the project's documents first, then set the label again",
            )
        for name in above:
            if name in refs.branches:
                raise RepositoryError(
                    f"A branch named `{name}` exists, and beside it git cannot hold `{branch}`.",
                    hint=f"rename the branch `{name}`",
                )
        await self._remote.fetch(f"+refs/heads/{refs.default}:refs/heads/{refs.default}")
        repository = await self._inner.repository()
        commit = await repository.commit(f"refs/heads/{refs.default}")
        await self.need(commit)
        base = Base(commit=commit, head=commit, branch=branch, base_branch=refs.default)
        if branch not in refs.branches:
            async with held_here(self._path):
                await git("update-ref", "-d", f"refs/heads/{branch}", cwd=self._path)
            return base
        refspecs = [f"+refs/heads/{name}:refs/heads/{name}" for name in (branch, refs.default)]
        await self._joined(repository, f"refs/heads/{branch}", commit, refspecs)
        base = await continued(repository, base)
        await self.need(base.head)
        return base

    @asynccontextmanager
    async def tree(self, commit: str, change: Change | None = None) -> AsyncIterator[Path]:
        """Open a private tree at `commit` with `change` applied; it is gone when the context ends."""
        await self.need(commit)
        async with self._inner.tree(commit, change) as root:
            yield root

    async def change(self, root: Path) -> Change:
        """Return what was written in an open tree, against the commit it was opened at."""
        return await self._inner.change(root)

    async def between(self, base: str, head: str) -> Change:
        """Return what `head` holds beyond `base`, both commits."""
        await self._met(base, head)
        return await self._inner.between(base, head)

    async def difference(self, base: str, head: str) -> Change:
        """Return what turns the files of `base` into those of `head`, both commits."""
        await self.need(base)
        await self.need(head)
        return await self._inner.difference(base, head)

    async def commit(self, change: Change, *, parent: str, message: str) -> str:
        """Make the commit object (idempotent) and return its id."""
        await self.need(parent)
        return await self._inner.commit(change, parent=parent, message=message)

    async def merge(self, ours: str, theirs: str, *, message: str) -> Merge:
        """Make the commit that merges `theirs` into `ours` (idempotent), or tell where they disagree."""
        if not await self._met(ours, theirs):
            return Merge(impossible="they have nothing in common that is near")
        repository = await self._inner.repository()
        for common in (await repository.ask("merge-base", "--all", ours, theirs)).split():
            await self.need(common)
        return await self._inner.merge(ours, theirs, message=message)

    async def push(self, branch: str, commit: str, *, expected: str) -> None:
        """Move the remote's `branch` from `expected` to `commit`; never by force, and twice is once.

        Raises:
            RepositoryError: It moved meanwhile, or a rule refuses the push; nothing was changed.
        """
        before = expected or f"{commit}^"
        touched = await git("diff", "--name-only", before, commit, "--", _WORKFLOWS, cwd=self._path)
        await self._remote.push(branch, commit, workflows=bool(touched))

    async def outgoing(self, commit: str) -> Outgoing:
        """Return a commit of ours in parts, for a forge that makes it anew."""
        await self._made()
        return await taken_apart(self._path, commit)

    async def need(self, commit: str) -> None:
        """Fetch `commit` with its file contents, unless it is here."""
        await self._made()
        async with self._lock:
            repository = await self._inner.repository()
            if not await repository.commit(commit):
                await self._remote.fetch(commit)
            await self._remote.contents(commit)

    async def _met(self, one: str, other: str) -> bool:
        """Have both commits here, with the history in which they meet; return whether they do."""
        await self.need(one)
        await self.need(other)
        repository = await self._inner.repository()
        if not await repository.merge_base(one, other):
            # Another process began the run, in a clone of its own: here, each of the two is all that is known.
            await self._joined(repository, one, other, (one, other))
        return bool(await repository.merge_base(one, other))

    async def _joined(self, repository: Repository, one: str, other: str, refspecs: Sequence[str]) -> None:
        """Fetch `refspecs` deep enough for the two commits to meet, or as deep as we go."""
        for depth in _DEPTHS:
            await self._remote.fetch(*refspecs, depth=depth)
            if await repository.merge_base(one, other):
                return

    async def _made(self) -> None:
        """Make the clone where there is none: empty, and knowing that its remote has what it lacks."""
        async with self._lock:
            if (self._path / ".git/groundwork").exists():
                return
            async with held_here(self._path):
                self._path.mkdir(exist_ok=True)
                await self._make()

    async def _make(self) -> None:
        await git("init", "--quiet", "--template=", cwd=self._path)
        await git("symbolic-ref", "HEAD", _NONE, cwd=self._path)
        for key, value in (
            ("remote.origin.url", self._url),
            ("remote.origin.promisor", "true"),
            ("remote.origin.partialclonefilter", "blob:none"),
            ("core.repositoryformatversion", "1"),
            ("extensions.partialClone", "origin"),
        ):
            await git("config", key, value, cwd=self._path)
        await find(self._path)
        (self._path / ".git/groundwork").touch()  # last: a clone that was made by half is made again
