"""The webhook's address, in bare ASGI: nineteen of twenty deliveries concern nobody, and each must cost little."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from bot.event.delivery import RejectedError, TooLargeError
from bot.event.kinds import Ignored
from bot.job.kinds import Job
from bot.web.counters import Counters
from bot.web.inbox import Inbox, InboxUnavailableError
from bot.web.intake import Intake

_LOG: Final = logging.getLogger(__name__)
# All that is looked at; of one that comes twice, the first counts.
_HEADERS: Final = {
    name.encode(): name
    for name in ("content-type", "content-length", "x-hub-signature-256", "x-github-event", "x-github-delivery")
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, and a body of JSON with its headers."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...]


def answer(status: int, said: dict[str, str], *more: tuple[bytes, bytes]) -> Answer:
    """Return the answer that says `said`, with `more` headers."""
    body = msgspec.json.encode(said)
    return Answer(status, body, ((b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *more))


class Webhook:
    """Judges deliveries by `intake` and stores jobs in `inbox`."""

    def __init__(self, intake: Intake, inbox: Inbox, counters: Counters) -> None:
        self._intake = intake
        self._inbox = inbox
        self._counters = counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 202 once the job is stored (again and again for the same one), 200 where there is nothing to do."""
        given = await self._answer(scope, receive)
        await send({"type": "http.response.start", "status": given.status, "headers": given.headers})
        await send({"type": "http.response.body", "body": given.body})

    def judge(self, headers: Mapping[str, str], body: bytes) -> Job | Answer:
        """Return what the request asks for, to be stored, or the answer where there is nothing to do."""
        try:
            decision = self._intake.job(headers, body)
        except RejectedError as error:
            return self._rejected(error)
        if isinstance(decision, Ignored):
            self._counters.count("ignored")
            return answer(200, {"ignored": decision.reason})
        return decision

    async def store(self, job: Job) -> Answer:
        """Return the answer once `job` is stored, or why it could not be."""
        try:
            accepted = await self._inbox.accept(job)
        except InboxUnavailableError as error:
            self._counters.count("unavailable")
            _LOG.error("delivery %s could not be stored: %s", job.delivery, error)
            return answer(503, {"error": error.what, "hint": error.hint}, (b"retry-after", b"30"))
        self._counters.count(accepted)
        _LOG.info("delivery %s: %s %s", job.delivery, job.key, accepted)
        return answer(202, {"job": job.key})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            if name in _HEADERS:
                headers.setdefault(_HEADERS[name], value.decode("latin-1").strip(" \t"))
        try:
            body = await self._body(headers, receive)
        except RejectedError as error:
            return self._rejected(error)
        except ClientDisconnect:
            self._counters.count("disconnected")
            return answer(400, {})  # nobody reads it
        decision = self.judge(headers, body)
        return decision if isinstance(decision, Answer) else await self.store(decision)

    def _rejected(self, error: RejectedError) -> Answer:
        self._counters.count(error.counter)
        _LOG.info("webhook rejected: %s", error.what)
        return answer(error.status, {"error": error.what, "hint": error.hint})

    async def _body(self, headers: dict[str, str], receive: Receive) -> bytes:
        """Return the body, unless it is too large: then no more of it is read than shows that."""
        limit = self._intake.max_size
        announced = headers.get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            raise TooLargeError(limit)
        chunks: list[bytes] = []
        size, more = 0, True
        try:
            async with asyncio.timeout(self._intake.patience):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientDisconnect
                    chunks.append(message.get("body", b""))
                    size += len(chunks[-1])
                    if size > limit:
                        raise TooLargeError(limit)
                    more = message.get("more_body", False)
        except TimeoutError as error:
            raise RejectedError("The body did not arrive in time.", status=408, counter="too_slow") from error
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)
