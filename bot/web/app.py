"""The web edge: the webhook's address, what monitors ask, and pages for people."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.web.counters import Counters
from bot.web.inbox import Inbox
from bot.web.intake import Intake
from bot.web.webhook import Webhook
from bot.web.whole import WEBHOOK


class WebApp:
    """The ASGI application that judges webhooks by `intake` and stores jobs in `inbox`, with `pages`.

    Attributes:
        webhook: What answers at the webhook's address.
    """

    def __init__(self, intake: Intake, inbox: Inbox, pages: Sequence[Route] = ()) -> None:
        counters = Counters()
        monitors = _Monitors(inbox, counters)
        self.webhook = Webhook(intake, inbox, counters)
        self._rest = Starlette(
            routes=[
                Route(WEBHOOK, self.webhook, methods=["POST"]),  # so that other methods are refused
                Route("/healthz", monitors.healthz),
                Route("/readyz", monitors.readyz),
                Route("/metrics", monitors.metrics),
                *pages,
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == WEBHOOK:
            await self.webhook(scope, receive, send)
        else:
            await self._rest(scope, receive, send)


class _Monitors:
    def __init__(self, inbox: Inbox, counters: Counters) -> None:
        self._inbox = inbox
        self._counters = counters

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
