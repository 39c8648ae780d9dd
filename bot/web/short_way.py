"""A short way for webhooks: one that lies whole in what came is answered at once, all else is a complete server's.

Nineteen of twenty deliveries concern nobody. Tasks, scopes and messages of ASGI cost several times of what it takes to
see that; a connection on which anything unusual comes is handed, with its bytes, to the server that knows everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, Protocol, cast

from bot.job.kinds import Job
from bot.web.webhook import Answer, Webhook
from bot.web.whole import Request, Unfinished, whole

_LONGEST: Final = 262_144  # bytes of a body; what is longer is rare, and read by the complete server
_PATIENCE: Final = 0.5  # seconds for the rest of a request, which the complete server then waits for
_STATUS: Final = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}


class ServerState(Protocol):
    """What a server knows of all its connections."""

    connections: set[Any]
    tasks: set[asyncio.Task[None]]
    default_headers: list[tuple[bytes, bytes]]


class ServerProtocol(Protocol):
    """A complete server's side of a connection."""

    def connection_made(self, transport: asyncio.Transport, /) -> None:
        """Begin."""
        ...

    def data_received(self, data: bytes, /) -> None:
        """Read `data`."""
        ...


class ShortWay(asyncio.Protocol):
    """One connection; `complete` makes the protocol that takes it over."""

    def __init__(
        self, webhook: Webhook, complete: Callable[[], ServerProtocol], state: ServerState, *, keep_alive: float
    ) -> None:
        self._webhook = webhook
        self._complete = complete
        self._state = state
        self._keep_alive = keep_alive
        self._loop = asyncio.get_running_loop()
        self._data = b""
        self._storing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0.0
        self._waits = False
        self._ends = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a request."""
        self._transport = cast("asyncio.Transport", transport)
        self._state.connections.add(self)
        self._last = self._loop.time()
        self._timer = self._loop.call_later(self._keep_alive, self._idle)

    def connection_lost(self, _error: Exception | None) -> None:
        """Forget it; a job that is being stored still is."""
        self._leave()

    def data_received(self, data: bytes) -> None:
        """Answer what is whole by now."""
        self._data = self._data + data if self._data else data
        self._last = self._loop.time()
        if self._storing is None:
            self._answer()

    def pause_writing(self) -> None:
        """Read no more from somebody who does not read the answers."""
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Read again."""
        if self._storing is None:
            self._transport.resume_reading()

    def shutdown(self) -> None:
        """End the connection, after the answer where one is owed; called by the server when it ends."""
        self._ends = True
        if self._storing is None:
            self._transport.close()

    def _answer(self) -> None:
        while self._data and not self._transport.is_closing():
            found = whole(self._data, longest=_LONGEST)
            if found is Unfinished.MORE and not self._waits:
                self._waits = True
                self._arm(_PATIENCE)
            if found is Unfinished.OTHER:
                self._hand_over()
            if not isinstance(found, Request):
                return
            self._data = self._data[found.end :]
            self._waits = False
            decision = self._webhook.judge(found.headers, found.body)
            if isinstance(decision, Job):
                self._transport.pause_reading()
                self._storing = self._loop.create_task(self._store(decision))
                self._state.tasks.add(self._storing)
                self._storing.add_done_callback(self._state.tasks.discard)
                return
            self._write(decision)

    async def _store(self, job: Job) -> None:
        try:
            answer = await self._webhook.store(job)
        except BaseException:
            self._transport.abort()  # no promise was made: GitHub shows the delivery as failed
            raise
        if self._transport.is_closing():
            return
        self._write(answer)
        self._storing = None
        if self._ends:
            self._transport.close()
            return
        self._transport.resume_reading()
        self._answer()

    def _write(self, answer: Answer) -> None:
        headers = (*self._state.default_headers, *answer.headers)
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        closing = b"connection: close\r\n" if self._ends else b""
        self._transport.write(b"%b%b%b\r\n%b" % (_STATUS[answer.status], lines, closing, answer.body))

    def _idle(self) -> None:
        """Close a connection on which nothing came for long; hand over one on which a request stays half."""
        if self._waits:
            self._hand_over()
            return
        rest = self._last + self._keep_alive - self._loop.time()
        if self._storing is not None or rest > 0:
            self._arm(max(rest, 1.0))
        else:
            self._transport.close()

    def _arm(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._idle)

    def _hand_over(self) -> None:
        self._leave()
        data, self._data = self._data, b""
        complete = self._complete()
        self._transport.set_protocol(cast("asyncio.Protocol", complete))
        complete.connection_made(self._transport)
        complete.data_received(data)

    def _leave(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._state.connections.discard(self)
