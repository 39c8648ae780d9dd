"""Makes a text fit a limit by giving up its least important parts first, and says what was given up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

# GitHub's limit for a comment or a pull request's body.
GITHUB_LIMIT: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a text, in order of reading.

    Attributes:
        forms: Its renderings from the fullest to the shortest, each well-formed by itself; "" last: may be left out.
        name: What it is, for the note that says it was shortened or left out.
        rank: Parts of the highest rank are given up first; 0 is the verdict.
        gap: What separates it from the part before.
    """

    forms: tuple[str, ...]
    name: str = ""
    rank: int = 0
    gap: str = "\n\n"


def length(text: str) -> int:
    """Return how long GitHub takes `text` to be: UTF-16 units, the strictest reading of its "characters"."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fit(parts: Sequence[Part], *, limit: int, note: Callable[[Sequence[str]], str]) -> str:
    """Return the parts as one text of at most `limit` characters.

    Each part starts with its fullest form; while the text is too long, the part of the highest rank (the longest of
    those) steps down to its next form. `note` says, from the names of the parts concerned, what was left out; it is the
    last part. The shortest forms together must fit: that is for the caller to see to, with clipped content.
    """
    chosen = [0] * len(parts)
    while True:
        reduced = [part.name for part, form in zip(parts, chosen, strict=True) if form and part.name]
        text = _joined(parts, chosen, note(reduced) if reduced else "")
        if length(text) <= limit:
            return text
        able = [index for index, part in enumerate(parts) if chosen[index] + 1 < len(part.forms)]
        if not able:
            return text
        step = max(able, key=lambda index: (parts[index].rank, length(parts[index].forms[chosen[index]])))
        chosen[step] += 1


def _joined(parts: Sequence[Part], chosen: Sequence[int], note: str) -> str:
    text = ""
    for part, form in zip(parts, chosen, strict=True):
        if rendered := part.forms[form]:
            text += f"{part.gap if text else ''}{rendered}"
    return f"{text}\n\n{note}\n" if note else f"{text}\n"
