"""Answers each acceptance criterion and service that an issue names, from what was measured and from nothing else.

A criterion is split into clauses; a clause is answered only where every word of it is accounted for by one kind of
claim (see `bot.report.claims`). What cannot be tied to evidence is said to be not checked: a wrong "met" would cost a
reader more than an honest gap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.model.proposal import Proposal
from bot.report import names, plain
from bot.report.claims import CLAIMS, Claim
from bot.report.ground import Ground


class Standing(StrEnum):
    """How a criterion stands."""

    MET = "met"
    NOT_MET = "not met"
    PARTLY = "partly checked"
    UNVERIFIED = "not measured"
    UNCHECKED = "not checked by Groundwork"


SYMBOLS: Final = {
    Standing.MET: "✅",
    Standing.NOT_MET: "❌",
    Standing.PARTLY: "⚠️",
    Standing.UNVERIFIED: "⚠️",
    Standing.UNCHECKED: "\N{WHITE QUESTION MARK ORNAMENT}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One criterion in its own words, how it stands, and the evidence or the reason, as prose."""

    text: str
    standing: Standing
    why: str


# How a brief words a service that the issue names outside of its criteria.
_NAMES: Final = re.compile(r"The issue names `([^`]+)`\.?")
# Where one claim ends and another begins; inside of a clause the words "and", "," join mere names, too.
_CLAUSES: Final = re.compile(r";|,\s+and\s+|\s+and\s+|,\s+|\s+&\s+|\.\s+")


def answers(proposal: Proposal) -> tuple[Answered, ...]:
    """Return an answer for each criterion of the brief, in order, without repetitions."""
    ground = Ground(proposal)
    texts = dict.fromkeys(_named(" ".join(criterion.text.split())) for criterion in proposal.brief.criteria)
    return tuple(_answer(text, ground) for text in texts if text)


def _named(text: str) -> str:
    """A service that the issue merely names is asked for by its name as people write it."""
    found = _NAMES.fullmatch(text)
    return names.display(found[1]) if found else text


def _answer(text: str, ground: Ground) -> Answered:
    whole = _claim(text, ground)
    claims = [whole] if whole else [_claim(clause, ground) for clause in _CLAUSES.split(text) if clause.strip(" .")]
    known = [claim for claim in claims if claim is not None]
    if not known:
        return Answered(text=text, standing=Standing.UNCHECKED, why="")
    why = "; ".join(dict.fromkeys(claim.why for claim in known))
    failed = [claim for claim in known if claim.met is False]
    if failed:
        return Answered(text=text, standing=Standing.NOT_MET, why="; ".join(dict.fromkeys(c.why for c in failed)))
    if len(known) < len(claims):
        held = "measured" if all(claim.met for claim in known) else "known"
        return Answered(text=text, standing=Standing.PARTLY, why=f"{held}: {why}; the rest was not checked")
    if all(claim.met for claim in known):
        return Answered(text=text, standing=Standing.MET, why=why)
    known_of = ground.health.services or ground.why_not in why
    reason = why if known_of else f"{why}; {ground.why_not}"
    return Answered(text=text, standing=Standing.UNVERIFIED, why=reason)


def _claim(clause: str, ground: Ground) -> Claim | None:
    """The first kind of claim that accounts for every word of `clause`."""
    words = plain.line(clause, limit=400).strip().strip(".").strip()
    return next((claim for kind in CLAIMS if (claim := kind(words, ground)) is not None), None)
