"""What the durable engine stored of a run, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStep:
    """A step as it was stored; times are seconds since 1970, `output` is JSON builtins."""

    name: str
    began: float
    ended: float
    output: Any = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A run as it was stored: `order` is what it was started with, `output` how it ended, both JSON builtins."""

    run_id: str
    state: str
    began: float
    updated: float
    order: Any
    output: Any = None
    steps: Sequence[StoredStep] = ()


class History(Protocol):
    """Where runs are stored."""

    async def history(self, run_id: str) -> StoredRun | None:
        """Return what is stored of a run, None for an unknown one."""
        ...
