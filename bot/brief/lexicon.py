"""The lexicon: which words in a document may name a technology, and which one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

_TOKEN: Final = re.compile(r"[A-Za-z]+|[0-9]+")
_BETWEEN: Final = frozenset({"", " ", ".", "-", "_", "\n", "/", "+", "` ", " `", "@", "  "})


@dataclass(frozen=True, slots=True)
class Term:
    """One way to write a name, and what it stands for.

    Attributes:
        tokens: Runs of letters or of digits; lower-case, or as written where `exact`.
        glued: For each token, whether it follows the one before without anything between ("k8s").
    """

    tokens: tuple[str, ...]
    glued: tuple[bool, ...]
    exact: bool
    topic: str
    name: str


@dataclass(frozen=True, slots=True)
class Match:
    """A term found in a text, between the offsets `start` and `end`."""

    term: Term
    start: int
    end: int
    words: str


def matches(text: str) -> Iterator[Match]:
    """Yield the terms in `text`, left to right, the longest at each place, none overlapping."""
    index = _index()
    if index.keys().isdisjoint(map(str.lower, _TOKEN.findall(text))):
        return  # most passages name nothing: this look is cheap
    tokens = [(match.start(), match.end(), match.group()) for match in _TOKEN.finditer(text)]
    at = 0
    while at < len(tokens):
        terms = index.get(tokens[at][2].lower())
        found = next((term for term in terms if _fits(term, tokens, at, text)), None) if terms else None
        if found is None:
            at += 1
            continue
        start, end = tokens[at][0], tokens[at + len(found.tokens) - 1][1]
        if found.topic != "none":
            yield Match(found, start, end, text[start:end])
        at += len(found.tokens)


def data(name: str) -> dict[str, Any]:
    """Return the parsed data file `name` of this package."""
    return tomllib.loads(files("bot.brief").joinpath(name).read_text(encoding="utf-8"))


@cache
def compact_names() -> frozenset[str]:
    """Return every phrase of the lexicon in lower case without separators, as it would stand in a domain."""
    return frozenset("".join(term.tokens).lower() for terms in _index().values() for term in terms)


@cache
def topics() -> dict[str, str]:
    """Return the topic of each canonical name."""
    return {term.name: term.topic for terms in _index().values() for term in terms}


@cache
def _index() -> dict[str, tuple[Term, ...]]:
    index: dict[str, list[Term]] = {}
    for topic, names in data("lexicon.toml").items():
        for name, phrases in names.items():
            for phrase in phrases:
                exact = phrase.startswith("=")
                words = list(_TOKEN.finditer(phrase))
                tokens = tuple(word.group() if exact else word.group().lower() for word in words)
                glued = (False, *(left.end() == right.start() for left, right in pairwise(words)))
                index.setdefault(tokens[0].lower(), []).append(Term(tokens, glued, exact, topic, name))
    return {first: tuple(sorted(terms, key=lambda term: -len(term.tokens))) for first, terms in index.items()}


def _fits(term: Term, tokens: list[tuple[int, int, str]], at: int, text: str) -> bool:
    length = len(term.tokens)
    if at + length > len(tokens):
        return False
    for offset, wanted in enumerate(term.tokens):
        start, _, word = tokens[at + offset]
        if word != wanted and (term.exact or word.lower() != wanted):
            return False
        if offset:
            between = text[tokens[at + offset - 1][1] : start]
            if between and (term.glued[offset] or between not in _BETWEEN):
                return False
    return not _inside_word(text, tokens[at][0] - 1) and not _inside_word(text, tokens[at + length - 1][1])


def _inside_word(text: str, at: int) -> bool:
    """Whether the character at `at` is a Latin letter with a diacritic: then the token is a part of a longer word."""
    return (
        0 <= at < len(text)
        and not text[at].isascii()
        and ("\u00c0" <= text[at] <= "\u024f" or "\u1e00" <= text[at] <= "\u1eff")
    )
