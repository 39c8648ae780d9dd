"""An inbox that answers at once: a job is on the disk when it is promised, and handed on when there is time."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Final

from bot.errors import InvalidValueError
from bot.job.kinds import Job
from bot.model.codec import from_json, to_json
from bot.web.inbox import Accepted, Inbox, InboxUnavailableError
from bot.web.journal import Journal

_LOG: Final = logging.getLogger(__name__)
_INSTANT: Final = 0.001  # seconds: for a disk that is so fast, no job waits for others to be synced with
_SLOW: Final = 0.002  # seconds: a disk that takes longer is waited for in a thread
_LATEST: Final = 0.1  # how much the last sync weighs in what the disk is taken to be
_GATHER: Final = 0.004  # seconds in which jobs come together for one sync
_MOMENT: Final = 0.05  # seconds without a job, after which it is quiet
_LONGEST: Final = 1.0  # seconds that a job waits for that while others pour in
_LATE: Final = 5.0  # seconds, after which handing on weighs as much as answering
_SHARE: Final = 9  # of ten parts of the time are for answering until then, while jobs pour in
_AGAIN: Final = 1.0  # seconds, where the inbox behind takes none
_REMEMBERED: Final = 50_000  # keys; a job that comes again later is known to the inbox behind
_BROKEN: Final = "Jobs are not handed on any more."


class JournalInbox:
    """Keeps jobs in `journal` until `behind` has them; for one process, with the disk that its database is on.

    On a disk that syncs within `instant` seconds each job is synced as it comes; otherwise one sync serves several.
    """

    def __init__(self, journal: Journal, behind: Inbox, *, instant: float = _INSTANT) -> None:
        self._instant = instant
        self._journal = journal
        self._behind = behind
        self._waiting: dict[str, tuple[Job, float]] = {}
        self._known: dict[str, asyncio.Future[None] | None] = {}
        self._batch: asyncio.Future[None] | None = None
        self._takes = 0.0  # seconds of a sync, as the last ones were
        self._came = asyncio.Event()
        self._idle = asyncio.Event()
        self._last = 0.0
        self._handing: asyncio.Task[None] | None = None
        self._syncing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Take up what an earlier process was given, and begin to hand on.

        Raises:
            InboxUnavailableError: The disk does not take jobs.
        """
        try:
            self._journal.open()
        except OSError as error:
            raise _unavailable(error) from error
        for key, data in self._journal.waiting.items():
            try:
                self._waiting[key] = from_json(Job, data), 0.0
            except InvalidValueError as error:  # of another version, which may come back
                _LOG.error("job %s stays in the journal: %s", key, error.what)
        self._known = dict.fromkeys(self._waiting)
        self._came.set()
        self._handing = asyncio.create_task(self._hand_on())
        self._handing.add_done_callback(_tell)

    async def close(self) -> None:
        """Stop handing on; what is left is taken up by the next process."""
        if self._handing:
            self._handing.cancel()
            await asyncio.wait([self._handing])
        if self._syncing:
            await self._syncing
        self._journal.close()

    async def accept(self, job: Job) -> Accepted:
        """Return once `job` is on the disk, or was before.

        Raises:
            InboxUnavailableError: The disk does not take it.
        """
        if job.key in self._known:
            stored = self._known[job.key]
            if stored is not None:
                await asyncio.shield(stored)
            return "duplicate"
        if self._is_broken:
            raise InboxUnavailableError(_BROKEN, hint="start the server again; its log says why")
        try:
            self._journal.came(job.key, to_json(job))
        except OSError as error:
            raise _unavailable(error) from error
        self._last = time.monotonic()
        self._waiting[job.key] = job, self._last
        self._idle.clear()
        self._came.set()
        if self._takes < self._instant and self._batch is None and self._syncing is None:
            try:
                self._sync_now()
            except OSError as error:
                raise _unavailable(error) from error
        else:
            stored = self._known[job.key] = self._next_batch()
            try:
                await asyncio.shield(stored)
            except InboxUnavailableError:
                self._known.pop(job.key, None)
                raise
        self._known[job.key] = None
        return "stored"

    async def unready(self) -> str:
        """Return why no job can be stored at present, or ""."""
        if self._is_broken:
            return _BROKEN
        if self._journal.is_full:
            return "too many jobs wait for the database"
        return await self._behind.unready()

    async def settled(self) -> None:
        """Return when everything that was accepted has been handed on."""
        if self._waiting:
            await self._idle.wait()

    @property
    def _is_broken(self) -> bool:
        return self._handing is not None and self._handing.done()

    def _next_batch(self) -> asyncio.Future[None]:
        """Return the future of the next sync: one serves all that came meanwhile."""
        if self._batch is None:
            loop = asyncio.get_running_loop()
            self._batch = loop.create_future()
            loop.call_later(_GATHER, self._sync)
        return self._batch

    def _sync(self) -> None:
        if self._syncing and not self._syncing.done():  # its turn is next, with all that comes until then
            asyncio.get_running_loop().call_later(_GATHER, self._sync)
            return
        batch, self._batch = self._batch, None
        assert batch is not None  # noqa: S101 -- made just before this was called for
        if self._takes > _SLOW:
            self._syncing = asyncio.create_task(self._sync_in_thread(batch))
            return
        try:
            self._sync_now()  # a fast disk is done before a thread would have been woken
        except OSError as error:
            batch.set_exception(_unavailable(error))
            return
        batch.set_result(None)

    def _sync_now(self) -> None:
        began = time.perf_counter()
        self._journal.sync()
        self._took(time.perf_counter() - began)

    async def _sync_in_thread(self, batch: asyncio.Future[None]) -> None:
        began = time.perf_counter()
        try:
            await asyncio.to_thread(self._journal.sync)
        except OSError as error:
            batch.set_exception(_unavailable(error))
            return
        finally:
            self._syncing = None
        self._took(time.perf_counter() - began)
        batch.set_result(None)

    def _took(self, seconds: float) -> None:
        self._takes += _LATEST * (seconds - self._takes)

    async def _hand_on(self) -> None:
        """Hand jobs on, the oldest first; while they pour in, answering comes first, for a few seconds."""
        while True:
            if not self._waiting:
                self._forget()
                self._idle.set()
                self._came.clear()
                await self._came.wait()
            key, (job, came) = next(iter(self._waiting.items()))
            await self._quiet(came + _LONGEST)
            began = time.monotonic()
            try:
                accepted = await self._behind.accept(job)
            except InboxUnavailableError as error:
                _LOG.warning("job %s waits in the journal: %s", key, error.what)
                await asyncio.sleep(_AGAIN)
                continue
            if accepted == "duplicate":
                _LOG.info("job %s is the duplicate of one that an earlier process took", key)
            del self._waiting[key]
            self._done(key)
            now = time.monotonic()
            if now - self._last < _MOMENT:
                await asyncio.sleep((_SHARE if now - came < _LATE else 1) * (now - began))

    async def _quiet(self, until: float) -> None:
        """Return when no job has come for a moment, or at `until`."""
        while (rest := min(self._last + _MOMENT, until) - time.monotonic()) > 0:  # noqa: ASYNC110 -- time passes, no event
            await asyncio.sleep(rest)

    def _done(self, key: str) -> None:
        try:
            self._journal.done(key)
            # A thread that syncs needs the file that there is: then it is early enough after the next job.
            if self._journal.is_long and (self._syncing is None or self._syncing.done()):
                self._journal.fold()
        except OSError as error:
            _LOG.warning("the journal cannot be written: %s", error.strerror)  # at worst the job comes once more

    def _forget(self) -> None:
        """Drop the oldest keys beyond what is remembered."""
        while len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]


def _unavailable(error: OSError) -> InboxUnavailableError:
    why = (error.strerror or str(error)).lower()
    return InboxUnavailableError(f"The data folder's disk does not take the job: {why}.", hint="look at its space")


def _tell(handing: asyncio.Task[None]) -> None:
    if not handing.cancelled() and (error := handing.exception()):
        _LOG.error(_BROKEN, exc_info=error)
