"""Judges whether the documents ask for a user interface in the browser, whatever they build it with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bot.brief import clause, words
from bot.brief.blocks import Passage
from bot.brief.frame import frame, verdict_of

_INTERFACE: Final = (
    r"(?:ui|gui|front[- ]?end|web ?app|dashboard|web ?site|web interface|user interface|pages?|portal)s?"
)
# "There is no UI": nothing that a document says of pages elsewhere outweighs it.
_NONE: Final = re.compile(
    rf"\b(?:no|without(?: an?| any)?|not an?|zero) (?:[\w-]+ ){{0,2}}?{_INTERFACE}\b"
    r"(?![- ]?(?:framework|library|changes?|specific|work))"
    rf"|\b{_INTERFACE} (?:is|are) (?:out of scope|not (?:part|in scope|included|built|needed|planned))"
    r"|\b(?:api|back-?end)[- ]only\b|\bheadless (?:api|service|back-?end)\b",
    re.IGNORECASE,
)
# Pages that are written by hand or rendered by the server: an interface, and no framework to ask for.
_BY_HAND: Final = re.compile(
    r"(?<!\bno )(?<!\bnot )\b(?:(?:plain|vanilla|pure|raw|simple|static) (?:html|js|java ?script|css)\b|"
    r"html ?[/,+&] ?css ?[/,+&]|"
    r"htmx\b|alpine\.?js\b|thymeleaf\b|ejs\b|jinja2?\b|razor pages\b|"
    r"server[- ](?:side[- ])?rendered (?:html|templates?|pages|views))",
    re.IGNORECASE,
)
_LETTERS: Final = re.compile(r"\b(?:prompts?|e-?mails?|invoices?|pdf|reports?|config\w*)\b", re.IGNORECASE)
_OUT: Final = re.compile(r"^[\s*_`>-]*(?:out of scope|non-?goals?|not (?:in scope|included|building))\b", re.IGNORECASE)
_UI: Final = re.compile(rf"\b{_INTERFACE}\b", re.IGNORECASE)
# Beside an app for phones, only these ask for one in the browser too.
_BROWSER: Final = re.compile(
    r"\b(?:web ?app|web ?site|web (?:ui|interface|client|dashboard|portal|front-?end)|"
    r"admin (?:panel|dashboard|ui|portal)|landing page|in the browser|front-?end (?:web|spa))\b",
    re.IGNORECASE,
)


def wants_interface(passages: Iterable[Passage], *, phones: bool) -> bool:
    """Return whether the `passages` describe an interface in the browser.

    Args:
        passages: All passages of the documents and the issue.
        phones: An app for phones is the interface: only an outright word of a browser asks for a second one.
    """
    found = False
    for passage in passages:
        if passage.kind in {"code", "tree"}:
            continue
        text = passage.text
        if _NONE.search(text) or (_OUT.match(text) and _UI.search(text)):
            if frame(passage).status not in {"content", "future"}:
                return False
            continue
        if _BY_HAND.search(text) and not _LETTERS.search(text):
            if not verdict_of(text) and frame(passage).status not in {"rejected", "future", "content", "weak"}:
                return False
            continue
        if found or not _asks(text, phones=phones):
            continue
        found = not verdict_of(text) and frame(passage).status not in {"rejected", "future", "content", "weak"}
    return found


# A page that documents an API is none that people work with.
_OF_APIS: Final = re.compile(r"\b(?:swagger|openapi|redoc|graph[iq]ql)[- ]?(?:ui|docs?|pages?)?\b", re.IGNORECASE)


def _asks(text: str, *, phones: bool) -> bool:
    text = _OF_APIS.sub("", text)
    pattern = _BROWSER if phones else words.anywhere("brief", "interface")
    places = (clause.clause(text, found.start(), found.end()) for found in pattern.finditer(text))
    return any(not clause.negated(around) for around in places)
