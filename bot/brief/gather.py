"""Gathers the mentions of one document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from bot.brief import clause, words
from bot.brief.blocks import Passage
from bot.brief.choice import Choice, choices
from bot.brief.clause import Clause
from bot.brief.frame import Frame, decisions, frame, topic_of, verdict_of
from bot.brief.homograph import is_name
from bot.brief.lexicon import Match, matches
from bot.brief.managed import provider
from bot.brief.mention import Mention
from bot.brief.weight import weight

# What these are for goes without saying.
_PLAIN: Final = frozenset({"backend", "frontend", "host", "mobile", "desktop", "worker", "orchestrator"})
# After so many places a name has had its say, and a document of a megabyte takes no longer than a second.
_ENOUGH: Final = 40
# "Moved from X to Y" says more than a title that still has X.
_GIVEN_UP: Final = 0.8
# Where a new system is described beside the one that runs today, today's is what goes.
_RENEWED: Final = re.compile(
    r"\bthe new (?:system|application|app|platform|version|stack|site) (?:is|will|uses|runs|consists)\b|"
    r"\bdas neue system|\ble nouveau système|\bel nuevo sistema|\bo novo sistema|новая система|新系统",
    re.IGNORECASE,
)
_AS_IT_IS: Final = re.compile(
    r"[\s*_`>-]*(?:today|currently|current(?:ly)? system|existing|as[- ]is|"
    r"heute|aujourd'hui|hoy|hoje|сейчас|сегодня)\b|[\s*_`>-]*(?:目前|现有)",
    re.IGNORECASE,
)
_BOX: Final = re.compile(r"[\[({]{1,2}[^\[\](){}|]{1,200}[\])}]{1,2}")
_COMPOSED: Final = re.compile(r"services:\s*$")


def gather(passages: tuple[Passage, ...], path: str) -> Iterator[Mention]:
    """Yield the mentions in the passages of the document at `path`, in order."""
    heard: Counter[str] = Counter()
    decided = decisions(passages)
    renewed = any(_RENEWED.search(passage.text[:200]) for passage in passages if passage.kind in {"heading", "text"})
    for passage in passages:
        if passage.kind == "code" and passage.language in {"yaml", "yml", ""} and _COMPOSED.match(passage.text):
            yield _composed(passage, path)
        found = [match for match in matches(passage.text) if heard[match.term.name] < _ENOUGH]
        if not found:
            continue
        heard.update(match.term.name for match in found)
        around = frame(passage)
        if decided and passage.headings and passage.headings[-1].line in decided:
            around = Frame(decided[passage.headings[-1].line], around.label, passage.headings[-1].text)
        if renewed and _AS_IT_IS.match(passage.text):
            around = Frame("rejected", around.label, passage.text[:40])
        kept = _names(passage, around, found)
        chosen = choices(passage.text, kept)
        said = [
            _mention(passage, around, match, choice=chosen.get(index), path=path, found=kept)
            for index, match in enumerate(kept)
        ]
        asserted = {mention.name for mention in said if mention.stance == "asserted"}
        # "Go (chi, not Gin)": what a passage both asserts and rejects is rejected in part only.
        yield from (mention for mention in said if mention.stance != "rejected" or mention.name not in asserted)


def _composed(passage: Passage, path: str) -> Mention:
    """A compose file, written out."""
    spoken_against = frame(passage).status in {"rejected", "future", "content"}
    return Mention(
        name="docker-compose",
        topic="orchestrator",
        path=path,
        line=passage.line,
        quote=passage.text.strip(),
        stance="asserted",
        weight=0.0 if spoken_against else 0.9,
    )


def _names(passage: Passage, around: Frame, found: list[Match]) -> list[Match]:
    """Leave out the everyday words among the matches."""
    text = passage.text
    sure = [m for m in found if is_name(m.words, m.term.name, text, m.start, m.end, technical=False)]
    listed = bool(around.label) or passage.kind in {"cell", "diagram"} or around.status == "stack"
    kept = []
    for match in found:
        technical = listed or any(other is not match for other in sure)
        if is_name(match.words, match.term.name, text, match.start, match.end, technical=technical):
            kept.append(match)
    return kept


def _mention(
    passage: Passage, around: Frame, match: Match, *, choice: Choice | None, path: str, found: list[Match]
) -> Mention:
    text = passage.text
    said = clause.clause(text, match.start, match.end)
    wide = " ".join(passage.cells) if passage.kind == "cell" else f"{said.before}{match.words}{said.after}"
    if passage.kind == "tree" or (passage.kind == "diagram" and _boxed(passage, match)):
        wide = passage.text[:200]
    stance, others = _stance(passage, around, said, choice, match)
    plain = weight(passage, around, match, said)
    return Mention(
        name=match.term.name,
        topic=match.term.topic,
        path=path,
        line=passage.line_at(match.start),
        quote=_quote(passage, match),
        stance=stance,
        weight=max(plain, _GIVEN_UP) if stance == "rejected" and clause.changed(said) else plain,
        roles=frozenset() if match.term.topic in _PLAIN else _roles(passage, wide),
        managed=provider(match, found, said, text),
        local=clause.local(said, wide=wide if passage.kind in {"cell", "diagram", "tree"} else ""),
        others=others,
    )


def _boxed(passage: Passage, match: Match) -> str:
    """The whole label of the box that holds the match, where it has several lines ("redis<br/>opt-in"); else ""."""
    for box in _BOX.finditer(passage.text):
        if box.start() < match.start < box.end() and "<br" in box.group():
            return box.group()
    return ""


def _stance(passage: Passage, around: Frame, said: Clause, choice: Choice | None, match: Match) -> Choice:
    prose = passage.kind not in {"code", "tree"}
    opening = verdict_of(clause.labelled(said)) if prose else ""
    if "rejected" in {around.status, opening} or (prose and clause.negated(said)):
        return "rejected", ()
    if choice and choice[0] == "rejected":
        return choice
    if "future" in {around.status, opening} or (prose and clause.deferred(said)):
        return "deferred", ()
    boxed = _boxed(passage, match) if passage.kind == "diagram" else ""
    if boxed and words.anywhere("clause", "deferred").search(boxed):
        return "deferred", ()
    if around.status == "optional" or clause.optional(said) or words.anywhere("clause", "optional").search(boxed):
        return "optional", ()
    if prose and clause.suggested(said) and passage.kind == "cell" and around.label:
        taken = match.term.topic not in {"external", "host"} and not clause.unfilled(said)
        return (choice or ("asserted", ())) if taken else ("aside", ())
    if "content" in {around.status, opening} or (prose and clause.aside(said)):
        return "aside", ()
    return choice or ("asserted", ())


def _roles(passage: Passage, wide: str) -> frozenset[str]:
    heading = passage.headings[-1] if passage.headings else None
    topic = topic_of(heading.text) if heading and heading.level > 1 else ""
    return frozenset(role for role in words.names("role") if topic == role or words.anywhere("role", role).search(wide))


def _quote(passage: Passage, match: Match) -> str:
    """The words around the match, at most about 160 characters of its line or row."""
    text = " | ".join(passage.cells) if passage.kind == "cell" else passage.text
    at = max(text.find(match.words), 0) if passage.kind == "cell" else match.start
    start = max(text.rfind("\n", 0, at) + 1, at - 70)
    end = text.find("\n", at)
    return " ".join(text[start : min(end if end >= 0 else len(text), at + 90)].split())
