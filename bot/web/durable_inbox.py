"""The inbox of the web edge, kept by the durable engine: a job that was accepted is handled, whatever happens."""

from __future__ import annotations

import asyncio
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from bot.job.kinds import Job
from bot.model.codec import to_builtins
from bot.web.inbox import Accepted, InboxUnavailableError


class Acceptor(Protocol):
    """Where jobs are stored."""

    async def accept(self, job: object, *, key: str) -> bool:
        """Store `job` once for each `key`; return whether it was new."""
        ...

    async def state(self, run_id: str) -> str | None:
        """Return the state of a run, None for an unknown one."""
        ...


class DurableInbox:
    """Stores jobs by their keys."""

    def __init__(self, runs: Acceptor) -> None:
        self._runs = runs

    async def open(self) -> None:
        """Nothing is kept here."""

    async def close(self) -> None:
        """Nothing is kept here."""

    async def settled(self) -> None:
        """What was accepted came to the durable runs at once."""

    async def accept(self, job: Job) -> Accepted:
        """Store `job`, or find that one with its key was stored before."""
        try:
            return "stored" if await self._runs.accept(to_builtins(job), key=f"job/{job.key}") else "duplicate"
        except SQLAlchemyError as error:
            raise InboxUnavailableError("The database does not answer.", hint="look at its log") from error

    async def unready(self) -> str:
        """Return why no job can be stored at present, or ""."""
        try:
            async with asyncio.timeout(1.0):
                await self._runs.state("ready?")
        except (SQLAlchemyError, TimeoutError):
            return "the database does not answer"
        return ""
