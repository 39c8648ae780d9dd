"""A run as people may look at it: what it did, when, and what that showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.model.health import HealthReport

RunState = Literal["waiting", "working", "ended", "stopped", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step that is over; `began` and `ended` are seconds since 1970, `error` says why it failed, or ""."""

    name: str
    began: float
    ended: float
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run, as far as it came.

    Attributes:
        number: The issue that asked for it; `actor` is who did.
        outcome: One word for how it ended, "" before.
        began: Seconds since 1970; `ended` is 0.0 while it goes on.
        reports: What each verification showed, in order.
        where: The pull request's address, "" before there is one.
    """

    run_id: str
    repository: str
    number: int
    title: str
    actor: str
    state: RunState
    outcome: str
    began: float
    ended: float
    steps: tuple[StepView, ...] = ()
    reports: tuple[HealthReport, ...] = ()
    where: str = ""
