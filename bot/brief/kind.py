"""Judges what kind of thing a project is: something that is served, or something that runs on a person's own device."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.brief import words
from bot.brief.blocks import Passage

_WORDS: Final = {
    "cli": "a command-line tool",
    "library": "a library",
    "game": "a game",
    "extension": "an extension of a browser, an editor or a site",
    "mobile": "a mobile app",
    "desktop": "a desktop app",
    "script": "scripts or notebooks",
    "step": "a step of a build or a deployment",
    "hardware": "software for a device",
}
_DENIED: Final = re.compile(
    r"\b(?:no|without(?: an?| any)?|not an?|never an?|zero|needs no|non)\s+(?:[\w-]+\s+){0,2}?"
    r"(?:servers?|back-?end|accounts?|cloud|web ui|web app|api|dashboard|app|library|cli)\b"
    r"|\bnot? (?:yet )?(?:planned|included)\b|serverless|(?:no|without) [\w ]{0,20}(?:or|,) (?:server|backend)",
    re.IGNORECASE,
)
_LEAD_LINES: Final = 40
_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Kind:
    """What a project is: `served`, or the kind of thing that needs no hosting, with the words for the reader.

    `static` is set where the documents speak of static files at least half as much as of something served.
    """

    name: str = ""
    words: str = ""
    static: bool = False

    @property
    def local(self) -> bool:
        """Whether it runs on a person's own device, or is only files."""
        return self.name not in {"", "served", "static"}

    @property
    def reason(self) -> str:
        """Why nothing is to be hosted, one sentence."""
        return f"The documents describe {self.words}: there is nothing to host." if self.words else ""


def kind_of(passages: Iterable[Passage]) -> Kind:
    """Return what the documents describe: each kind's words count, those in titles and openings most."""
    scores: dict[str, float] = {}
    for number, passage in enumerate(passages):
        if number > _MOST:
            break
        factor = 4.0 if passage.line <= 3 else 2.0 if passage.line <= _LEAD_LINES else 0.4
        if passage.kind in {"code", "tree"}:
            factor *= 0.3
        said = passage.text[:400]
        text = _DENIED.sub(" ", said)
        for name in words.names("kind"):
            if words.anywhere("kind", name).search(said if name == "static" else text):
                scores[name] = scores.get(name, 0.0) + factor
    if not scores:
        return Kind()
    best = max(scores, key=lambda name: scores[name])
    served = scores.get("served", 0.0)
    if best != "served" and scores[best] <= served * 1.2:
        best = "served"
    return Kind(best, _WORDS.get(best, ""), static=scores.get("static", 0.0) > served * 0.5)
