"""When a verification has to end: it was cancelled, or its time is over."""

from __future__ import annotations

import threading
import time
from typing import Final

_LOOK: Final = 0.1


class Stop:
    """A deadline and a cancel event in one; read from several threads."""

    def __init__(self, timeout: float, cancel: threading.Event | None = None) -> None:
        self._deadline = time.monotonic() + timeout
        self._cancel = cancel or threading.Event()

    @property
    def event(self) -> threading.Event:
        """What is set once somebody asked to end."""
        return self._cancel

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked to end."""
        return self._cancel.is_set()

    @property
    def overdue(self) -> bool:
        """Whether the time is over."""
        return self.remaining <= 0

    @property
    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._deadline - time.monotonic())

    def nap(self) -> float:
        """Return how long a wait may last before cancelling is looked at again, in seconds."""
        return min(_LOOK, self.remaining)

    def __bool__(self) -> bool:
        """Whether to end now."""
        return self.cancelled or self.overdue
