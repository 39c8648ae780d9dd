"""Reads the rows of a Markdown table: their cells, their titles, and the one row that is marked as today's."""

from __future__ import annotations

import re
from typing import Final

_CELLS: Final = re.compile(r"(?<!\\)\|")
_COUNTED: Final = re.compile(r"^[#\d.\s*]*$")
_MARKED: Final = re.compile(
    r"[(（](?:now|today|current(?:ly)?|mvp|launch|we are here|heute|"
    r"aujourd'hui|hoy|hoje|сейчас|当前|现在|hiện tại)[)）]|"
    r"[←◄] ?(?:now|we are here)",
    re.IGNORECASE,
)


def split(line: str) -> tuple[str, ...]:
    """Return the cells of the row `line`."""
    return tuple(cell.strip() for cell in _CELLS.split(line.strip().removeprefix("|").removesuffix("|")))


def row_title(cells: tuple[str, ...]) -> str:
    """Return the first of `cells` that is more than a number."""
    return next((cell for cell in cells if not _COUNTED.match(cell)), cells[0])


def today(lines: list[str], first: int) -> str:
    """Return the title of the row marked as what there is now, of those from the index `first` on; else ""."""
    at = first
    while at < len(lines) and "|" in lines[at]:
        if _MARKED.search(title := row_title(split(lines[at]))):
            return title
        at += 1
    return ""
