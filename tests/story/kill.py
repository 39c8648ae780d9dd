"""Killing a server as a loss of power does, with every process that it started, or the server alone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def kill(pid: int, *, alone: bool = False) -> None:
    """Kill a process by SIGKILL; unless `alone`, with all below it, at once: it sees no child die before it does."""
    if alone:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    elif pid == os.getpid():
        # Who stopped itself could not go on: a child does it, and this process waits for its end.
        if not os.fork():
            _kill_all(pid)
            os._exit(0)
        while True:
            signal.pause()
    else:
        _kill_all(pid)


def _kill_all(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        while _state(pid) not in "TZX":
            os.sched_yield()
    for child in [*_below(pid)]:
        if child != os.getpid():
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def _below(pid: int) -> Iterator[int]:
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, listing.read_text().split()):
                yield child
                yield from _below(child)
