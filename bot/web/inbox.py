"""Where accepted jobs wait; the port of the web edge to whatever stores them durably."""

from __future__ import annotations

from typing import Literal, Protocol

from bot.errors import GroundworkError
from bot.job.kinds import Job

Accepted = Literal["stored", "duplicate"]


class InboxUnavailableError(GroundworkError):
    """The job could not be stored; nothing was promised to anybody."""


class Inbox(Protocol):
    """Stores jobs durably: one that was accepted survives a kill -9 the moment after."""

    async def open(self) -> None:
        """Take up what was accepted before and not handed on."""
        ...

    async def close(self) -> None:
        """Stop; what was accepted is kept."""
        ...

    async def settled(self) -> None:
        """Return when everything that was accepted has come to the durable runs."""
        ...

    async def accept(self, job: Job) -> Accepted:
        """Store `job`, or find that one with its key was stored before.

        Raises:
            InboxUnavailableError: It was not stored.
        """
        ...

    async def unready(self) -> str:
        """Return why no job can be stored at present, or ""; answers within a second."""
        ...
