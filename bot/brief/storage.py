"""Judges whether the documents say that nothing is kept in a database."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bot.brief.blocks import Passage
from bot.brief.frame import frame, verdict_of

_NOTHING: Final = re.compile(
    r"\b(?:no|without(?: an?| any)?|needs? no|zero) (?:database|db|persistence|persistent storage|data ?store)\b"
    r"(?! (?:changes?|migrations?|access|calls?|schema|i/o|look-?ups?|quer\w+|round))"
    r"|\bin[- ]memory (?:stores?|storage|repositor\w+|data ?stores?|maps?|only)\b"
    r"|\b(?:data|state|everything|results?) (?:is|are|lives?|stays?) (?:kept |held )?(?:only )?in memory\b"
    r"|\b(?:stored|saved|kept|persisted) (?:in|as|to) (?:local |flat |plain )?(?:json|csv|yaml|text) files?\b"
    r"|\bstores? nothing\b|\bstateless (?:service|api|app|proxy|gateway|server|back-?end)\b"
    r"|인메모리|sans base de données|sem banco de dados|sin base de datos|"
    r"ohne Datenbank|без базы данных|不使用数据库|无需数据库",
    re.IGNORECASE,
)
# What is said of tests, or of a choice that is still to be made.
_OTHERWISE: Final = re.compile(
    r"\b(?:tests?|testing|mocks?|fakes?|prototype|demo|yet|chosen|decided|selected|tbd)\b", re.IGNORECASE
)


def stores_nothing(passages: Iterable[Passage]) -> bool:
    """Return whether one of the `passages` says that the project needs no database."""
    for passage in passages:
        text = passage.text
        if passage.kind in {"code", "tree"} or not _NOTHING.search(text) or _OTHERWISE.search(text) or verdict_of(text):
            continue
        if frame(passage).status not in {"rejected", "future", "content", "weak"}:
            return True
    return False
