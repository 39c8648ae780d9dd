"""uvicorn as the commands run it: on a socket of theirs, with signals left to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn


class Server(uvicorn.Server):
    """Ends when `should_exit` is set, and by no signal: uvicorn would raise it again before all is closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield
