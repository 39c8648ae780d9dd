"""Killing a server as a loss of power does, with every process that it started, or the server alone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def kill(pid: int, *, alone: bool = False) -> None:
    """Kill a process by SIGKILL; unless `alone`, with all below it, parents first: none tidies up after a child."""
    if not alone:
        for child in [*_below(pid)]:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _below(pid: int) -> Iterator[int]:
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, listing.read_text().split()):
                yield child
                yield from _below(child)
