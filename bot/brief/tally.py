"""Adds up what the mentions of one name say, and judges whether it runs in the first version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from bot.brief.mention import Mention

Verdict = Literal["runs", "managed", "open", "rejected", "deferred", "optional", "unsaid"]

_ENOUGH: Final = 0.5
_STRONG: Final = 0.9


@dataclass(frozen=True, slots=True)
class Tally:
    """All mentions of one name, and the verdict over them."""

    name: str
    topic: str
    mentions: tuple[Mention, ...]
    verdict: Verdict
    confidence: float

    @property
    def evidence(self) -> tuple[Mention, ...]:
        """The mentions that carry the verdict, the strongest first; at most five."""
        stances = {
            "runs": {"asserted"},
            "managed": {"asserted"},
            "rejected": {"rejected"},
            "deferred": {"deferred"},
            "optional": {"optional"},
            "open": {"open"},
        }
        wanted = stances.get(self.verdict, set())
        kept = [mention for mention in self.mentions if mention.stance in wanted] or list(self.mentions)
        return tuple(sorted(kept, key=lambda mention: (-mention.weight, mention.path, mention.line))[:5])

    def roles(self, *, floor: float = 0.4) -> frozenset[str]:
        """The roles that its asserted mentions tell."""
        return frozenset(
            role
            for mention in self.mentions
            if mention.stance == "asserted" and mention.weight >= floor
            for role in mention.roles
        )


def tally(mentions: Iterable[Mention]) -> dict[str, Tally]:
    """Return the tally of each name, in order of first mention."""
    by_name: dict[str, list[Mention]] = {}
    for mention in mentions:
        by_name.setdefault(mention.name, []).append(mention)
    return {name: _judge(name, tuple(group)) for name, group in by_name.items()}


def _judge(name: str, mentions: tuple[Mention, ...]) -> Tally:
    asserted = _strength(mentions, "asserted")
    sources = {mention.source for mention in mentions if mention.stance == "asserted" and mention.weight >= 0.7}
    verdict: Verdict
    if "issue" in sources:
        verdict = "runs"
    elif any(mention.source == "issue" and mention.stance == "rejected" for mention in mentions):
        verdict = "rejected"
    elif "manifest" in sources:
        verdict = "runs"
    else:
        verdict = _spoken(mentions, asserted)
    confidence = {"runs": asserted, "managed": asserted}.get(verdict, max((m.weight for m in mentions), default=0.0))
    return Tally(name, mentions[0].topic, mentions, verdict, round(min(confidence, 1.0), 2))


def _spoken(mentions: tuple[Mention, ...], asserted: float) -> Verdict:
    rejected = _strength(mentions, "rejected")
    deferred = _strength(mentions, "deferred")
    optional = _strength(mentions, "optional")
    if asserted >= _ENOUGH and asserted >= rejected and asserted + 0.15 >= deferred:
        strong = sum(1 for mention in mentions if mention.stance == "asserted" and mention.weight >= 0.6)
        against = sum(1 for mention in mentions if mention.stance in {"rejected", "deferred"} and mention.weight >= 0.6)
        if not against or strong > against or (asserted >= _STRONG and strong >= against):
            if optional >= asserted and strong < 2:
                return "optional"
            return "runs"
    if rejected and rejected >= deferred and rejected >= 0.3:
        return "rejected"
    if deferred >= 0.3:
        return "deferred"
    if optional >= 0.4:
        return "optional"
    if _strength(mentions, "open") >= 0.4:
        return "open"
    return "unsaid"


def _strength(mentions: tuple[Mention, ...], stance: str) -> float:
    """The strongest mention of that stance, and a little for each further line that says so too."""
    weights: dict[tuple[str, int], float] = {}
    for mention in mentions:
        if mention.stance == stance:
            place = (mention.path, mention.line)
            weights[place] = max(weights.get(place, 0.0), mention.weight)
    if not weights:
        return 0.0
    best = max(weights.values())
    others = sum(1 for weight in weights.values() if weight >= 0.5) - (1 if best >= 0.5 else 0)
    return best + 0.1 * min(others, 4)
