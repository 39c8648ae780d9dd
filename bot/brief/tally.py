"""Adds up what the mentions of one name say, and judges whether it runs in the first version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, cast

from bot.brief.mention import Mention

Verdict = Literal["runs", "managed", "open", "rejected", "deferred", "optional", "unsaid"]

_ENOUGH: Final = 0.5
_STRONG: Final = 0.9
_PLAIN: Final = 0.6


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
    """Weigh what documents say: the plain word of several places beats one remark, an outright "no" beats a list."""
    rejected, deferred, optional, left_open = (
        _strength(mentions, stance) for stance in ("rejected", "deferred", "optional", "open")
    )
    if asserted >= _ENOUGH and asserted >= rejected and asserted + 0.15 >= deferred:
        places = sum(1 for mention in mentions if mention.stance == "asserted" and mention.weight >= _PLAIN)
        against = sum(1 for m in mentions if m.stance in {"rejected", "deferred"} and m.weight >= _PLAIN)
        if not against or places > against or (asserted >= _STRONG and places >= against):
            return "optional" if optional >= asserted and places < 2 else "runs"
    for verdict, strength, least in (
        ("rejected", rejected if rejected >= deferred else 0.0, 0.3),
        ("deferred", deferred, 0.3),
        ("optional", optional, 0.4),
        ("open", left_open, 0.4),
    ):
        if strength >= least:
            return cast("Verdict", verdict)
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
