"""Names that stand side by side: one of several, a spare, or one chosen over another."""

from __future__ import annotations

import re
from typing import Final

from bot.brief import clause
from bot.brief.lexicon import Match
from bot.brief.managed import ENGINES
from bot.brief.mention import Stance

Choice = tuple[Stance, tuple[str, ...]]

# Names that are often written together with what they are built on ("React/Next.js", "Node/Express"): no choice.
_BASES: Final = {
    "react-vite": frozenset({"nextjs", "remix", "astro", "vite", "gatsby", "react-native"}),
    "vue-vite": frozenset({"nuxt", "vite"}),
    "svelte-vite": frozenset({"sveltekit", "vite"}),
    "vite": frozenset({"nextjs", "remix", "astro", "nuxt", "sveltekit"}),
    "node": frozenset({"express", "nestjs", "fastify", "hono", "koa", "elysia", "adonisjs"}),
    "nestjs": frozenset({"fastify"}),
    "docker": frozenset({"docker-compose"}),
    "starlette": frozenset({"fastapi"}),
}
# "Node.js or Python FastAPI" is a choice between two, and the language belongs to the second.
_LANGUAGE: Final = re.compile(r"\b(?:python|typescript|javascript|php|golang|ruby|java)[ \t]+$", re.IGNORECASE)
_OR: Final = re.compile(r"[(（]\s*(?:or|oder|ou|или|或|hoặc)\s+[*_`]*$", re.IGNORECASE)
_CLASSES: Final = {"store": "cache", "host": "orchestrator"}


def choices(text: str, found: list[Match]) -> dict[int, Choice]:
    """Return, for the indexes of `found` that are part of a choice, the stance and the other names."""
    stances: dict[int, Choice] = {}
    for index in range(1, len(found)):
        left, right = found[index - 1], found[index]
        between = _LANGUAGE.sub("", text[left.end : right.start])
        spare = (clause.is_spare(between) or _spare(text, right)) and left.term.topic == right.term.topic
        if left.term.name == right.term.name or not (spare or _alike(left, right)):
            continue
        if spare or clause.is_spare(between) or clause.is_over(between):
            stances[index] = ("rejected", (left.term.name,))
        elif clause.is_choice(between, kin=_kin(left, right)):
            earlier = stances.get(index - 1, ("open", ()))[1]
            stances[index - 1] = ("open", tuple(dict.fromkeys((*earlier, right.term.name))))
            stances[index] = ("open", tuple(dict.fromkeys((*earlier, left.term.name))))
    return stances


def _spare(text: str, match: Match) -> bool:
    """Whether brackets open before it with an "or" ("Hono on Node (or Fastify)")."""
    return bool(_OR.search(text[max(0, match.start - 12) : match.start]))


def _kin(left: Match, right: Match) -> bool:
    one, other = left.term.name, right.term.name
    return other in _BASES.get(one, ()) or one in _BASES.get(other, ())


def _alike(left: Match, right: Match) -> bool:
    """Whether two names could stand for each other."""
    one, other = left.term, right.term
    kinds = {_CLASSES.get(one.topic, one.topic), _CLASSES.get(other.topic, other.topic)}
    if len(kinds) == 1:
        return "external" not in kinds or {one.name, other.name} <= ENGINES.keys()
    return kinds == {"cache", "queue"} or (
        kinds == {"database", "external"} and bool({one.name, other.name} & ENGINES.keys())
    )
