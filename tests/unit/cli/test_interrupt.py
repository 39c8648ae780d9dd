"""Signals end a command in order."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from bot.cli.interrupt import run_until_interrupted


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_the_work_clean_up_and_a_second_one_does_not_cut_it_short(number: signal.Signals) -> None:
    said: list[str] = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        finally:
            os.kill(os.getpid(), number)
            await asyncio.sleep(0)
            said.append("cleaned up")

    with pytest.raises(KeyboardInterrupt):
        run_until_interrupted(work())
    assert said == ["cleaned up"]


def test_what_the_work_returns_is_returned() -> None:
    async def work() -> int:
        return 7

    assert run_until_interrupted(work()) == 7


def test_an_error_of_the_work_is_its_own() -> None:
    async def work() -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        run_until_interrupted(work())
