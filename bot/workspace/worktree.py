"""Trees of a repository on this machine, in private directories: the user's own tree stays as it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.errors import RepositoryError
from bot.model.change import Change
from bot.model.proposal import Base, Merge
from bot.workspace.git import GitError
from bot.workspace.repository import Repository, find
from bot.workspace.scratch import scratch, sweep
from bot.workspace.store import Store

# A reserved domain: nobody on a forge gets credit, or mail, for what we commit.
_NAME: Final = "Groundwork"
_EMAIL: Final = "groundwork@noreply.invalid"
_LATEST: Final = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who commits."""

    name: str = _NAME
    email: str = _EMAIL


@dataclass(frozen=True, slots=True)
class _Open:
    """An open tree: its private store, and the commit it was opened at."""

    store: Store
    commit: str


class WorktreeWorkspaces:
    """The port `Workspaces`, for the repository whose working tree's top is `path`."""

    def __init__(self, path: Path, *, out: Path | None = None, identity: Identity | None = None) -> None:
        """Remember `path`; it is looked at when first needed, so that its errors come as those of a step.

        `out` is where texts will be written in the end: a run is refused at its start where that would dirty the tree.
        """
        self._path = path
        self._out = out
        self._identity = identity or Identity()
        self._repository: Repository | None = None
        self._open: dict[Path, _Open] = {}

    async def base(self, branch: str) -> Base:
        """Resolve where the run on `branch` starts, and sweep what killed runs left.

        Raises:
            RepositoryError: not a repository, bare, empty, or otherwise not workable; nothing was changed.
        """
        await asyncio.to_thread(sweep)
        repository = await self.repository()
        base_branch = await repository.head_branch()
        commit = await repository.commit("HEAD")
        if not commit:
            raise RepositoryError(
                f"{self._path} has no commit{f' on `{base_branch}`' if base_branch else ''} yet.",
                hint="commit the project's documents first: git add . && git commit",
            )
        if self._out:
            await repository.refuse_dirtying(self._out)
        await _refuse_unusable_name(repository, branch)
        await repository.refuse_checked_out(branch)
        notes = []
        if not base_branch:
            notes.append(f"HEAD is detached at {commit[:7]}; this run starts there, on no branch in particular.")
        notes += await self._uncommitted(repository, commit)
        base = await continued(repository, Base(commit=commit, head=commit, branch=branch, base_branch=base_branch))
        return replace(base, notes=(*notes, *base.notes))

    async def repository(self) -> Repository:
        """Return the repository, found once."""
        if self._repository is None:
            self._repository = await find(self._path)
        return self._repository

    @asynccontextmanager
    async def tree(self, commit: str, change: Change | None = None) -> AsyncIterator[Path]:
        """Open a private tree at `commit` with `change` applied; it is gone when the context ends, however it ends."""
        repository = await self.repository()
        with scratch() as place:
            store = Store(place, repository)
            await store.load(commit, change)
            # Its last name is that of the repository: documents without a title are known by it.
            root = place / "tree" / repository.top.name
            root.mkdir(parents=True)
            await store.check_out(root)
            self._open[root] = _Open(store, commit)
            try:
                yield root
            finally:
                del self._open[root]

    async def change(self, root: Path) -> Change:
        """Return what was written in an open tree, against the commit it was opened at."""
        opened = self._open.get(root)
        if opened is None:
            raise RepositoryError(f"{root} is no open tree of this run.")
        return await opened.store.written(root, opened.commit)

    async def between(self, base: str, head: str) -> Change:
        """Return what `head` holds beyond `base`: against their common ancestor, as a pull request shows it."""
        repository = await self.repository()
        common = await repository.merge_base(base, head)
        with scratch() as place:
            return await Store(place, repository).difference(common or base, head)

    async def difference(self, base: str, head: str) -> Change:
        """Return what turns the files of `base` into those of `head`."""
        repository = await self.repository()
        with scratch() as place:
            return await Store(place, repository).difference(base, head)

    async def commit(self, change: Change, *, parent: str, message: str) -> str:
        """Make the commit object (idempotent: same change, parent and message, same commit) and return its id."""
        repository = await self.repository()
        identity = await self._committer(repository, parent)
        with scratch() as place:
            store = Store(place, repository)
            await store.load(parent, change)
            return await store.commit(parents=(parent,), message=message, identity=identity)

    async def merge(self, ours: str, theirs: str, *, message: str) -> Merge:
        """Make the commit that merges `theirs` into `ours` (idempotent), or tell where they disagree."""
        repository = await self.repository()
        identity = await self._committer(repository, ours, theirs)
        with scratch() as place:
            store = Store(place, repository)
            merged = await store.merge(ours, theirs)
            if merged.conflicts or merged.impossible:
                return merged
            return Merge(commit=await store.commit(parents=(ours, theirs), message=message, identity=identity))

    async def _committer(self, repository: Repository, *parents: str) -> dict[str, str]:
        # One second after the newest parent: a date that a replay finds again.
        born = max([await repository.born(parent) for parent in parents])
        date = f"{min(born + 1, _LATEST)} +0000"
        return {
            f"GIT_{who}_{what}": text
            for who in ("AUTHOR", "COMMITTER")
            for what, text in (("NAME", self._identity.name), ("EMAIL", self._identity.email), ("DATE", date))
        }

    async def advance(self, branch: str, commit: str, *, expected: str) -> None:
        """Move `branch` from `expected` ("" for: there is none) to `commit`, forward only; twice is once.

        Raises:
            RepositoryError: It moved meanwhile; nothing was changed.
        """
        await (await self.repository()).advance(branch, commit, expected=expected)

    async def refuse_dirtying(self, folder: Path) -> None:
        """Refuse a folder whose files would turn up as changes of the user's working tree.

        Raises:
            RepositoryError: It lies in the working tree and is not ignored there.
        """
        await (await self.repository()).refuse_dirtying(folder)

    async def _uncommitted(self, repository: Repository, commit: str) -> list[str]:
        """Return the note on a tree that is not clean."""
        with scratch() as place:
            try:
                paths = await Store(place, repository).uncommitted(commit)
            except (GitError, OSError):
                # A split or foreign index is read by the git that wrote it; what is committed does not depend on it.
                return [f"Whether there are uncommitted changes could not be told; this run used commit {commit[:7]}."]
        if not paths:
            return []
        some = f"`{paths[0]}`" if len(paths) == 1 else f"{len(paths)} paths, such as `{paths[0]}`"
        return [f"Uncommitted changes ({some}) are not part of this run; it used HEAD, commit {commit[:7]}."]


async def _refuse_unusable_name(repository: Repository, branch: str) -> None:
    """Refuse a branch name that git cannot hold, or not beside a branch that is there."""
    try:
        await repository.ask("check-ref-format", f"refs/heads/{branch}")
    except GitError as error:
        raise RepositoryError(
            f"`{branch}` cannot be the name of a branch.", hint="give the issue a plain title"
        ) from error
    parts = branch.split("/")
    for length in range(1, len(parts)):
        shorter = "/".join(parts[:length])
        if await repository.commit(f"refs/heads/{shorter}"):
            raise RepositoryError(
                f"A branch named `{shorter}` exists, and beside it git cannot hold `{branch}`.",
                hint=f"git branch -m {shorter} another-name",
            )


async def continued(repository: Repository, base: Base) -> Base:
    """Return `base`, which starts at its commit, with what is to be built on where its branch is there already."""
    branch, commit, onto = base.branch, base.commit, base.base_branch or "HEAD"
    tip = await repository.commit(f"refs/heads/{branch}")
    if not tip:
        return base
    if tip == commit or await repository.descends(commit, tip):
        note = f"The branch `{branch}` was there without commits of its own; this run starts at {commit[:7]}."
        return replace(base, notes=(note,))
    common = await repository.merge_base(commit, tip)
    if not common:
        raise RepositoryError(
            f"The branch `{branch}` exists and shares no history with `{onto}`.",
            hint=f"rename it: git branch -m {branch} another-name",
        )
    note = f"The branch `{branch}` was there; this run continues on it, at {tip[:7]}."
    behind = await repository.count(tip, commit) if common != commit else 0
    return replace(base, head=tip, notes=(note,), behind=behind)
