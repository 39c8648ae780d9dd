"""Why these parts: what the engine says of its choices, and what the documents say where it says nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from bot.model.brief import Evidence, Fact
from bot.model.change import Decision
from bot.model.proposal import Proposal
from bot.report import names
from bot.report.markdown import span
from bot.report.plain import clip, line

_PLACE: Final = re.compile(r"(?<![\w`/])((?:[\w.-]+/)*[\w.-]*\w:\d+)(?!`)")


def decisions(proposal: Proposal) -> tuple[Decision, ...]:
    """Return the engine's decisions, then the brief's facts that none of them mentions, the rejected ones last."""
    told = list(dict.fromkeys(proposal.work.decisions))
    said = " ".join(f"{one.what} {one.why}".lower() for one in told)
    facts = [
        fact
        for fact in sorted(proposal.brief.facts, key=lambda fact: fact.rejected)
        if fact.evidence and not any(spelling in said for spelling in names.spellings(fact.value))
    ]
    unique = {(fact.value, fact.rejected): fact for fact in reversed(facts)}
    return (
        *(replace(one, why=_marked(one.why)) for one in told),
        *(_of(fact) for fact in facts if unique[fact.value, fact.rejected] is fact),
    )


def _marked(words: str) -> str:
    """Put `path:line` into backticks where it stands bare; words that mark code themselves stay as they are."""
    return words if "`" in words else _PLACE.sub(r"`\1`", words)


def _of(fact: Fact) -> Decision:
    name = names.display(fact.value)
    what = f"no {name}" if fact.rejected else f"{name} {fact.detail}".strip()
    return Decision(what=what, why="; ".join(_quoted(one) for one in fact.evidence[:2]))


def _quoted(evidence: Evidence) -> str:
    where = span(f"{evidence.path}:{evidence.line}" if evidence.line else evidence.path)
    quote = clip(line(evidence.quote).replace("`", "'"), 120)
    return f'{where} "{quote}"' if quote else where
