"""uvicorn as the commands run it: on a socket of theirs, with signals left to them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp


class Server(uvicorn.Server):
    """Ends when `should_exit` is set, and by no signal: uvicorn would raise it again before all is closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


def server_of(app: ASGIApp, *, grace: int) -> Server:
    """Return the server of `app`; `grace`: seconds for requests that are under way at its end."""
    # What is loaded by now stays: looking through it again and again for garbage would delay answers.
    gc.collect()
    gc.freeze()
    config = uvicorn.Config(
        app,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=grace,
    )
    return Server(config)


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return the fastest event loop there is here."""
    return uvicorn.Config("").get_loop_factory()
