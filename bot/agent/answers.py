"""What the model answered to each request of a review, read from its last message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.model.ask import Answer, Ask

_LINE: Final = re.compile(
    r"^[\s>*_`-]*ANSWER[\s*_`]+(?P<key>[a-z]+-\d+)[\s*_`]+(?P<done>not\s+done|done)[\s*_`]*:[\s*_`]*(?P<words>.*)$",
    re.IGNORECASE,
)
_MOST: Final = 600


def answers(text: str, asks: Sequence[Ask]) -> tuple[Answer, ...]:
    """Return an answer for each ask that `text` answers; the last one counts where it answers twice.

    An answer may go on over the following lines. Keys that nobody asked with are left out: an answer is written where
    the ask stands, and nowhere else.
    """
    found: dict[str, tuple[bool, list[str]]] = {}
    current: list[str] = []
    for line in text.splitlines():
        match = _LINE.match(line)
        if match:
            current = [match["words"]]
            found[match["key"].lower()] = (match["done"].lower() == "done", current)
        else:
            current.append(line)
    return tuple(
        Answer(ask=ask.key, done=found[ask.key][0], words=_words(found[ask.key][1])) for ask in asks if ask.key in found
    )


def _words(lines: list[str]) -> str:
    words = " ".join(" ".join(lines).split())
    return (words if len(words) <= _MOST else f"{words[: _MOST - 3]}...").rstrip(".") or "no words were given"
