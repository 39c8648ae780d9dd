"""Whether an issue asks to mend what the rules find in files that are there: nobody's choices are changed unasked."""

from __future__ import annotations

import re
from typing import Final

from bot.brief.asks_ci import AGAINST
from bot.brief.clause import clause

_WHAT: Final = (
    r"(?:findings?|warnings?|lint(?:ing|er)?(?: errors?)?|violations?|problems?|(?:best|bad) practices?|smells?|rules?"
    r"|groundwork check|docker-?compose(?:\.ya?ml)?|compose file|dockerfiles?|health ?checks?)"
)
_MEANT: Final = re.compile(
    rf"\b(?:fix|mend|repair|resolve|clean(?: |-)?up|address|correct|modernise|modernize)\b[^.\n;]{{0,40}}\b{_WHAT}"
    r"|\bharden(?:ing)?\b|\bmake (?:it|them|the [\w .-]{1,30}) (?:pass|comply|conform)",
    re.IGNORECASE,
)


def asks_to_mend(text: str) -> bool:
    """Tell whether the visible `text` of an issue asks for mending, and not against it."""
    for found in _MEANT.finditer(text):
        around = clause(text, found.start(), found.end())
        if not AGAINST.search(around.before) and not AGAINST.search(around.after):
            return True
    return False
