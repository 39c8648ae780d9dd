"""Lines that containers and builds wrote, made fit to be shown: secrets masked, nothing alive or invisible, bounded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.model.redact import Redactor
from bot.report import plain

# Known values were masked where they were recorded; shapes are masked again, for reports that come from elsewhere.
_REDACT: Final = Redactor()
_MOST_CHARACTERS: Final = 4_000  # of one line, before anything costly is done with it


def last(lines: Sequence[str], most: int, *, length: int = 400) -> list[str]:
    """Return the last `most` lines, each at most `length` characters long."""
    kept = "\n".join(line[:_MOST_CHARACTERS].replace("\n", " ") for line in lines[-most:])
    return [plain.clip(line, length) for line in plain.lines(_REDACT(kept)).split("\n")[-most:]] if lines else []


def output(text: str, *, limit: int) -> str:
    """Return what a program said on one line of at most `limit` characters."""
    return plain.line(_REDACT(text[:_MOST_CHARACTERS]), limit=limit)
