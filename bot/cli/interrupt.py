"""Ctrl-C and SIGTERM end a command in order: what was started is taken down before the process goes."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def run_until_interrupted(
    work: Coroutine[Any, Any, T], *, loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None
) -> T:
    """Run `work` to its end; the first signal cancels it, further ones are ignored while it cleans up.

    Raises:
        KeyboardInterrupt: a signal came; everything that `work` opened has been closed.
    """

    async def guarded() -> T:
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(work)
        interrupted = False

        def interrupt() -> None:
            nonlocal interrupted
            if not interrupted:
                interrupted = True
                task.cancel()

        for number in _SIGNALS:
            loop.add_signal_handler(number, interrupt)
        try:
            return await task
        except asyncio.CancelledError:
            if interrupted:
                raise KeyboardInterrupt from None
            raise
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(guarded())
