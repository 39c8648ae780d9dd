"""The web edge: the webhook's address, and what monitors ask."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.event.delivery import RejectedError, TooLargeError
from bot.event.kinds import Ignored
from bot.web.counters import Counters
from bot.web.inbox import Inbox, InboxUnavailableError
from bot.web.intake import Intake

_log = logging.getLogger(__name__)


def web_app(intake: Intake, inbox: Inbox, pages: Sequence[Route] = ()) -> Starlette:
    """Return the ASGI application that judges webhooks by `intake` and stores jobs in `inbox`, with `pages`."""
    edge = _Edge(intake, inbox)
    return Starlette(
        routes=[
            Route("/webhooks/github", edge.webhook, methods=["POST"]),
            Route("/healthz", edge.healthz),
            Route("/readyz", edge.readyz),
            Route("/metrics", edge.metrics),
            *pages,
        ]
    )


class _Edge:
    def __init__(self, intake: Intake, inbox: Inbox) -> None:
        self._intake = intake
        self._inbox = inbox
        self._counters = Counters()

    async def webhook(self, request: Request) -> Response:
        """Answer 202 once the job is stored (again and again for the same one), 200 where there is nothing to do."""
        try:
            decision = self._intake.job(request.headers, await self._body(request))
        except RejectedError as error:
            self._counters.count(error.counter)
            _log.info("webhook rejected: %s", error.what)
            return JSONResponse({"error": error.what, "hint": error.hint}, status_code=error.status)
        except ClientDisconnect:
            self._counters.count("disconnected")
            return Response(status_code=400)  # nobody reads it
        if isinstance(decision, Ignored):
            self._counters.count("ignored")
            return JSONResponse({"ignored": decision.reason})
        try:
            accepted = await self._inbox.accept(decision)
        except InboxUnavailableError as error:
            self._counters.count("unavailable")
            _log.error("delivery %s could not be stored: %s", decision.delivery, error)
            return JSONResponse(
                {"error": error.what, "hint": error.hint}, status_code=503, headers={"Retry-After": "30"}
            )
        self._counters.count(accepted)
        _log.info("delivery %s: %s %s", decision.delivery, decision.key, accepted)
        return JSONResponse({"job": decision.key}, status_code=202)

    async def _body(self, request: Request) -> bytes:
        """Return the body, unless it is too large: then no more of it is read than shows that."""
        limit = self._intake.max_size
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            raise TooLargeError(limit)
        body = bytearray()
        try:
            async with asyncio.timeout(self._intake.patience):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > limit:
                        raise TooLargeError(limit)
        except TimeoutError as error:
            raise RejectedError("The body did not arrive in time.", status=408, counter="too_slow") from error
        return bytes(body)

    async def healthz(self, _request: Request) -> Response:
        """Answer that the process lives."""
        return PlainTextResponse("ok\n")

    async def readyz(self, _request: Request) -> Response:
        """Answer whether a job could be stored now."""
        reason = await self._inbox.unready()
        return PlainTextResponse(f"{reason or 'ready'}\n", status_code=503 if reason else 200)

    async def metrics(self, _request: Request) -> Response:
        """Answer with the counts."""
        return PlainTextResponse(self._counters.text())
