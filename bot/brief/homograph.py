"""Tells names from the everyday words that are spelt the same ("Go", "Express", French "Vue d'ensemble")."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from bot.brief import words as lists
from bot.brief.lexicon import data

_SUFFIXED: Final = frozenset({"React", "Vue", "Express"})  # "React-based" still names it

# What stands before or after such a word where it is the name, beyond lists of technologies.
_SUPPORT: Final = {
    "Go": (
        re.compile(r"(?:\bin|with|using|language:?|backend:?|на|em|en|bằng|用|и|/|\+)\s*[*`_]*$", re.IGNORECASE),
        re.compile(
            r"[*`_]*\s*(?:1\.\d+|\+|/|,? ?\(?(?:backend|server|service|microservice|consumer|worker|daemon|api|gin|"
            r"fiber|echo|chi|binary|module|stdlib))",
            re.IGNORECASE,
        ),
    ),
    "Express": (
        re.compile(r"(?:node(?:\.js)?|\+|/|using|with|typescript|backend:?|server:?)\s*[*`_(]*$", re.IGNORECASE),
        re.compile(
            r"[*`_]*\s*(?:\.js|[45]\b|server|serves\b|handles\b|listens\b|api|backend|app\b|rout|middleware|\+|/|\()",
            re.IGNORECASE,
        ),
    ),
    "express": (
        re.compile(r"(?:node(?:\.js)?|\+|/|using|with|server:?|install)\s*[*`_(]*$", re.IGNORECASE),
        re.compile(r"[*`_]*\s*(?:\.js|[45]\b|server|api|app\b|rout|middleware|\)|`)", re.IGNORECASE),
    ),
}

# The name of a Go library is an everyday word too: what stands around it must speak of a server, or of Go itself.
_GO: Final = re.compile(
    r"\b(?:Go\b|[Gg]olang|(?i:router|framework|handlers?|middleware|https?|apis?|rest|back-?end|server|gorm|websockets?))"
)
_ROUTERS: Final = frozenset({"Gin", "Fiber", "Echo", "Chi", "chi"})
_ALONE: Final = 30

# Words that nobody counts: with a number behind them they are names ("Rails 8").
_VERSIONED: Final = frozenset({"Rails", "Vue", "Angular", "Svelte", "Astro", "Caddy", "Django", "Symfony", "Flask"})
_VERSION: Final = re.compile(r"\s+v?\d+(?:\.\d+)*\b(?!\s*(?:%|px|hours?|days?|of\b))")
# What the passage speaks of where such a word is the name.
_CONTEXT: Final = {
    "Caddy": re.compile(r"\b(?:prox|tls\b|https|certificat|:443|behind|front)", re.IGNORECASE),
    "Nest": re.compile(r"HttpException|ValidationPipe|@(?:Injectable|Module|Controller)|\bDTOs?\b|\binterceptors?\b"),
}


def _quoted(before: str, after: str) -> bool:
    """Whether the word stands as code, or with a version, a suffix or a plus beside it."""
    return bool(
        re.search(r"[`\"'@/+|,:(=-]\s*$", before)
        or re.match(r"\s*[`\"'@/+|,)=.-]|\s*v?\d", after)
        or not before.strip()
    )


def is_name(words: str, name: str, text: str, start: int, end: int, *, technical: bool) -> bool:
    """Return whether `words`, at `start` to `end` of `text`, name the technology `name`.

    Args:
        words: The words as written.
        name: The canonical name they may stand for.
        text: The passage.
        start: Offset of the first character.
        end: Offset after the last.
        technical: The passage names other technologies, or stands where technologies are listed.
    """
    after, before = text[end : end + 40], text[max(0, start - 40) : start]
    never = _never().get(name)
    if never and never.match(after) and not words.lower().endswith("js"):
        return False
    if words in _ROUTERS and not _GO.search(text) and (len(text) > _ALONE or text.strip(" `*_")[: len(words)] != words):
        return False
    hyphened = bool(re.match(r"-[A-Za-z]", after))
    if words not in lists.listed("homograph", "doubtful"):
        return True
    if words in _VERSIONED and _VERSION.match(after):
        return True
    if words in _CONTEXT and _CONTEXT[words].search(text):
        return True
    if words in lists.listed("homograph", "sure") and not (words == "NATS" and hyphened):
        return True
    everyday = words in lists.listed("homograph", "english") and not _quoted(before, after)
    if everyday or (hyphened and words not in _SUFFIXED):
        return False
    return _supported(words, before, after, technical=technical)


def _supported(words: str, before: str, after: str, *, technical: bool) -> bool:
    if words not in _SUPPORT:
        return technical
    left, right = _SUPPORT[words]
    if left.search(before) or right.match(after):
        return True
    return technical and words != "express" and not re.match(r"\s+(?!and\b|with\b|plus\b|for\b)[a-z]{3,}", after)


@cache
def _never() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(str(pattern), re.IGNORECASE) for name, pattern in data("patterns.toml")["never"].items()}
