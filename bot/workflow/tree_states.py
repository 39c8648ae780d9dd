"""The states of an open tree between the turns of a conversation, by the hash of what was written."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from pathlib import Path

from bot.errors import RepositoryError
from bot.model.change import Change
from bot.model.codec import from_json, to_json
from bot.workflow.ports import Workspaces


class TreeStates:
    """Saves what was written in `root` to `folder`, and brings `root` back to it.

    Args:
        workspaces: Opened `root` at the commit `head`.
        folder: Keeps the states; shared by all processes that may go on with the conversation.
    """

    def __init__(self, workspaces: Workspaces, root: Path, head: str, folder: Path) -> None:
        self._workspaces = workspaces
        self._root = root
        self._head = head
        self._folder = folder
        self._current = ""

    async def save(self) -> str:
        """Store what differs from `head`, and return its name; "" where nothing does."""
        change = await self._workspaces.change(self._root)
        self._current = "" if change.empty else await asyncio.to_thread(self._store, to_json(change))
        return self._current

    async def restore(self, state: str) -> None:
        """Bring the tree to `state`; nothing is done where it is in it.

        Raises:
            RepositoryError: The state is not kept here.
        """
        if state == self._current:
            return
        change = await asyncio.to_thread(self._load, state) if state else None
        async with self._workspaces.tree(self._head, change) as fresh:
            await asyncio.to_thread(_replace, self._root, fresh)
        self._current = state

    def _store(self, data: bytes) -> str:
        name = hashlib.sha256(data).hexdigest()
        place = self._folder / f"{name}.json"
        if not place.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished = place.with_suffix(f".{os.getpid()}")
            unfinished.write_bytes(data)
            unfinished.chmod(0o600)
            unfinished.replace(place)
        return name

    def _load(self, name: str) -> Change:
        try:
            return from_json(Change, (self._folder / f"{name}.json").read_bytes())
        except FileNotFoundError as error:
            raise RepositoryError(
                "What the model had written when this run was interrupted is not on this machine.",
                hint="let all processes share one data folder, and start the run again with `/infra retry`",
            ) from error


def _replace(root: Path, fresh: Path) -> None:
    """Make `root` hold what `fresh` holds; `root` itself stays, since a container may have it mounted."""
    for place in root.iterdir():
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink()
    shutil.copytree(fresh, root, symlinks=True, dirs_exist_ok=True)
