"""Compiles the word lists that give a mention its meaning."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from bot.brief.lexicon import data

_CYRILLIC: Final = re.compile(r"[^\w]*[а-яё]", re.IGNORECASE)


@cache
def _lists() -> dict[str, dict[str, list[str]]]:
    return data("words.toml") | data("patterns.toml")


@cache
def anywhere(group: str, name: str) -> re.Pattern[str]:
    """Return a pattern that finds a fragment of the list as a whole word; as a stem, where the script is not Latin."""
    return re.compile(_alternation(_lists()[group][name]), re.IGNORECASE)


@cache
def whole(group: str, name: str) -> re.Pattern[str]:
    """Return a pattern for a text that is a fragment of the list, and nothing else but decoration."""
    body = "|".join(f"(?:{fragment})" for fragment in _lists()[group][name])
    return re.compile(rf"^[\s*_`~\[(]*(?:{body})[\s*_`~.:)\]]*$", re.IGNORECASE | re.DOTALL)


@cache
def at_end(group: str, name: str) -> re.Pattern[str]:
    """Return a pattern that finds a fragment at the very end of a text."""
    return re.compile(rf"(?:{_alternation(_lists()[group][name])})[\s*_`\"'(:]*$", re.IGNORECASE)


@cache
def at_start(group: str, name: str) -> re.Pattern[str]:
    """Return a pattern that finds a fragment at the very start of a text."""
    return re.compile(rf"^[\s*_`\"')]*(?:{_alternation(_lists()[group][name])})", re.IGNORECASE)


def last(group: str, name: str, text: str) -> re.Match[str] | None:
    """Return where a fragment of the list stands last in `text`."""
    found = None
    for found in anywhere(group, name).finditer(text):  # noqa: B007 - the last one is what is wanted
        pass
    return found


@cache
def listed(group: str, name: str) -> frozenset[str]:
    """Return the words of the list, as written."""
    return frozenset(_lists()[group][name])


@cache
def names(group: str) -> tuple[str, ...]:
    """Return the names of the group's lists, in file order."""
    return tuple(_lists()[group])


def _alternation(fragments: list[str]) -> str:
    worded = [fragment for fragment in fragments if _latin(fragment)]
    other = [fragment for fragment in fragments if not _latin(fragment)]
    parts = [rf"(?<![\w])(?:{'|'.join(worded)})(?![\w])"] if worded else []
    # Cyrillic words begin where a word begins ("ни" is no part of "храним"), and end as they are inflected.
    return "|".join([*parts, *(rf"(?<![а-яё]){part}" if _CYRILLIC.match(part) else part for part in other)])


def _latin(fragment: str) -> bool:
    letter = next((character for character in fragment if character.isalpha()), "")
    return bool(letter) and ord(letter) < 0x250 and not fragment.startswith("[")
