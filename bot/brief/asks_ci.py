"""Whether an issue asks for continuous integration: a workflow is written for nobody who did not."""

from __future__ import annotations

import re
from typing import Final

from bot.brief.clause import clause

_MEANT: Final = re.compile(
    r"github[ -]actions|\bci/cd\b|continuous integration"
    r"|\bci[ -](?:workflow|pipeline|job|build|check)s?\b|(?-i:\bCI\b)",
    re.IGNORECASE,
)
AGAINST: Final = re.compile(
    r"\b(?:no|not|without|never|don['\N{RIGHT SINGLE QUOTATION MARK}]?t|skip|later|except|excluding|out of scope"
    r"|already|instead of|sans|kein|sin|sem|без|не)\b",
    re.IGNORECASE,
)


def asks_for_ci(text: str) -> bool:
    """Tell whether the visible `text` of an issue asks for a workflow of GitHub Actions, and not against one."""
    for found in _MEANT.finditer(text):
        around = clause(text, found.start(), found.end())
        if not AGAINST.search(around.before) and not AGAINST.search(around.after):
            return True
    return False
