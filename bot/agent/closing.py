"""The closing lines of a conversation, read as values: decisions, and points that a person should confirm."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.model.change import Decision

_LINE: Final = re.compile(r"^[\s>*_-]*(decision|confirm)[*_]*\s*:[*_]*\s*(.+)$", re.MULTILINE | re.IGNORECASE)
_MOST: Final = 20
_LONGEST: Final = 400
_OWN: Final = "the model's choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What the model wants people to know; `text` is all it said last."""

    text: str = ""
    decisions: tuple[Decision, ...] = ()
    confirm: tuple[str, ...] = ()


def closing(text: str) -> Closing:
    """Read the closing lines out of the model's last words; anything else in them is left.

    A decision may carry its reason after a bar: `Decision: port 9000 | the issue asks for it`.
    """
    decisions, confirm = [], []
    for found in _LINE.finditer(text):
        line = found[2].strip()[: 2 * _LONGEST]
        if found[1].casefold() == "decision":
            what, _, why = (part.strip() for part in line.partition("|"))
            decisions.append(Decision(what=what[:_LONGEST], why=why[:_LONGEST] or _OWN))
        else:
            confirm.append(line[:_LONGEST])
    return Closing(text=text, decisions=tuple(decisions[:_MOST]), confirm=tuple(confirm[:_MOST]))
