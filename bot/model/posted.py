"""What is posted of a proposal, as plain text: rendered by `bot.report`, written by a forge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["notice", "warning", "failure"]
Conclusion = Literal["success", "failure", "neutral"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A finding beside its line, from 1."""

    path: str
    line: int
    level: Level
    title: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckText:
    """What the check on the proposed commit says."""

    conclusion: Conclusion
    title: str
    summary: str
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A pull request's texts; `report` starts with `marker`, which is the same for every report of a pull request."""

    title: str
    body: str
    marker: str
    report: str
    check: CheckText
