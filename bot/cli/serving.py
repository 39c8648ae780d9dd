"""uvicorn as the commands run it: on a socket of theirs, with signals left to them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.web.short_way import ServerProtocol, ServerState, ShortWay

if TYPE_CHECKING:
    import asyncio

    from bot.web.app import WebApp

_KEEP_ALIVE: Final = 5  # seconds without a request


class Server(uvicorn.Server):
    """Ends when `should_exit` is set, and by no signal: uvicorn would raise it again before all is closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


def server_of(app: WebApp, *, grace: int) -> Server:
    """Return the server of `app`; `grace`: seconds for requests that are under way at its end."""
    # What is loaded by now stays: looking through it again and again for garbage would delay answers.
    gc.collect()
    gc.freeze()
    config = uvicorn.Config(
        app,
        http=cast("type[asyncio.Protocol]", _connections(app)),
        timeout_keep_alive=_KEEP_ALIVE,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=grace,
    )
    return Server(config)


def _connections(app: WebApp) -> Callable[..., asyncio.Protocol]:
    """Return what makes a connection's protocol: the short way for webhooks, with uvicorn's own behind it."""

    def connection(*, server_state: ServerState, **rest: Any) -> asyncio.Protocol:
        def complete() -> ServerProtocol:
            return HttpToolsProtocol(server_state=cast("Any", server_state), **rest)

        return ShortWay(app.webhook, complete, server_state, keep_alive=_KEEP_ALIVE)

    return connection


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return the fastest event loop there is here."""
    return uvicorn.Config("").get_loop_factory()
