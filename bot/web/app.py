"""The web edge: the webhook's address, what monitors ask, and pages for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.web.counters import Counters
from bot.web.inbox import Inbox
from bot.web.intake import Intake
from bot.web.webhook import Webhook

_WEBHOOK: Final = "/webhooks/github"


def web_app(intake: Intake, inbox: Inbox, pages: Sequence[Route] = ()) -> ASGIApp:
    """Return the ASGI application that judges webhooks by `intake` and stores jobs in `inbox`, with `pages`."""
    counters = Counters()
    monitors = _Monitors(inbox, counters)
    webhook = Webhook(intake, inbox, counters)
    rest = Starlette(
        routes=[
            Route(_WEBHOOK, webhook, methods=["POST"]),  # so that it is known, and other methods are refused
            Route("/healthz", monitors.healthz),
            Route("/readyz", monitors.readyz),
            Route("/metrics", monitors.metrics),
            *pages,
        ]
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == _WEBHOOK:
            await webhook(scope, receive, send)
        else:
            await rest(scope, receive, send)

    return app


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
