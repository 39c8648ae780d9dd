"""The forge of a repository on this machine: branches in it, and a folder for what a forge would show."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from bot.forge.folder import write_texts
from bot.model.proposal import Proposal

Renderer = Callable[[Proposal], Mapping[str, str]]


class Branches(Protocol):
    """The branches of the repository, moved forward only."""

    async def advance(self, branch: str, commit: str, *, expected: str) -> None:
        """Move `branch` from `expected` ("" for: there is none) to `commit`; twice is once."""
        ...

    async def refuse_dirtying(self, folder: Path) -> None:
        """Refuse a folder whose files would turn up as changes of the working tree."""
        ...


class LocalForge:
    """The port `Forge`: pushes within the repository, and writes the pull request as files into `out`."""

    def __init__(self, branches: Branches, *, out: Path, render: Renderer) -> None:
        """Take the repository's branches, the folder, and what makes texts (file name to text) of a proposal."""
        self._branches = branches
        self._out = out
        self._render = render

    async def push(self, branch: str, commit: str, *, expected: str) -> str:
        """Move `branch` from `expected` (or from nothing) to `commit`; never by force.

        Raises:
            RepositoryError: The branch moved meanwhile, or the texts would have no place; nothing was changed.
        """
        await self._branches.refuse_dirtying(self._out)
        # Now rather than after the verification: minutes of work should not end at a folder that cannot be written.
        await asyncio.to_thread(write_texts, self._out, {})
        await self._branches.advance(branch, commit, expected=expected)
        return commit

    async def propose(self, proposal: Proposal) -> str:
        """Write or renew the texts, each in one go, and return their folder.

        Raises:
            RepositoryError: The folder cannot be written, is a link, or lies where it would dirty the working tree.
        """
        await self._branches.refuse_dirtying(self._out)
        await asyncio.to_thread(write_texts, self._out, self._render(proposal))
        return str(self._out)
