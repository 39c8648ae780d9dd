"""The frame of a passage: what its section, table column, row and list say of everything that is named in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from bot.brief import words
from bot.brief.blocks import Passage

Status = Literal["", "current", "stack", "rejected", "future", "phase", "optional", "content", "weak"]

_PARTS: Final = re.compile(r"[:：()（）\[\]|–—]| - |\s+-\s*$")
_NUMBERING: Final = re.compile(
    r"^[\s\W_]*(?:(?:section|part|chapter|appendix)\s+)?"
    r"(?:\d+(?:\.\d+)*[.):]?|[IVX]+\.|[A-Z]\.|[一二三四五六七八九十]+[、.])?[\s\W_]*",
    re.IGNORECASE,
)
_PHASE: Final = re.compile(
    r"^(?:build |implementation |development )?(?:phase|stage|sprint|milestone|week|day|step|этап|фаза|неделя|спринт|"
    r"fase|etapa|semana|giai đoạn|tuần|阶段|第[二三四五]阶段|ระยะที่|เฟส)s? ?\d*",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(
    r"^\s*(?:[^\w\s*`]{1,3}\s*)?[*_`]{0,3}([^:：*`\n|]{1,60}?)[*_`]{0,3}"
    r"\s*(?:[:：，][*_`]{0,3}|\s[—–-]\s|\s?(?:→|=>|=)\s?)"
)


_SHORT: Final = 6
_ROWS: Final[tuple[Status, ...]] = ("rejected", "future", "optional")
_COLUMNS: Final[tuple[Status, ...]] = ("rejected", "future", "content", "weak")
_SECTIONS: Final[tuple[Status, ...]] = ("rejected", "current", "future", "optional", "content", "weak", "stack")


@dataclass(frozen=True, slots=True)
class Frame:
    """What the structure says.

    Attributes:
        status: "" where it says nothing; `stack` where it lists what the project is made of.
        label: The topic that the passage is labelled with ("Database: ..."), or "".
        where: The words that say so.
        current: It says outright that this is the first version ("MVP:").
    """

    status: Status
    label: str = ""
    where: str = ""
    current: bool = False


def frame(passage: Passage) -> Frame:
    """Return the frame of `passage`: the nearest structure that says something wins."""
    own, label = _own(passage)
    if own.status not in {"", "stack"}:
        return Frame(own.status, label, own.where)
    listed = _by_parents(passage, label)
    if listed.status not in {"", "stack"} or listed.current:
        return listed
    titled = _by_headings(passage, listed.label)
    if titled.status:
        return titled
    return Frame("stack" if "stack" in {own.status, listed.status} else "", titled.label)


def _by_parents(passage: Passage, label: str) -> Frame:
    """What the list items say that the passage is nested in, and the paragraph that introduces the list."""
    stack = False
    for parent in reversed(passage.parents):
        named = label_of(parent) or parent
        status = _status(named[:80], tail=False)
        if status == "current":
            return Frame("stack", label, named, current=True)
        if status not in {"", "stack"}:
            return Frame(status, label, named)
        stack = stack or status == "stack"
        label = label or topic_of(named[:60])
    return Frame("stack" if stack else "", label)


def _by_headings(passage: Passage, label: str) -> Frame:
    """What the headings above say; a title says what the document is, not what becomes of the things in it."""
    stack = False
    above = passage.headings if passage.kind != "heading" else passage.headings[:-1]
    for heading in reversed(above):
        if heading.level == 1 and heading is passage.headings[0]:
            break
        status = _status(heading.text, tail=True)
        if status == "current":
            return Frame("stack", label, heading.text)
        if status == "stack":
            stack = True
        elif status and not (stack and status in {"content", "weak"}):
            return Frame(status, label, heading.text)
        if not label and heading.level >= 2 and len(heading.text) < 60:
            label = topic_of(heading.text)
    return Frame("stack" if stack else "", label)


_DECIDED: Final = re.compile(
    r"^[\s*_`>-]*(?:status|stand|statut|статус|状态)[\s*_`]*[:：]?[\s*_`]*(?:(rejected|declined|superseded|deprecated|withdrawn|"
    r"abgelehnt|ersetzt|rejeté|remplacé|отклонен\w*|заменен\w*|已否决|已废弃)|(proposed|deferred|draft|vorgeschlagen|proposé))\b",
    re.IGNORECASE,
)


def decisions(passages: tuple[Passage, ...]) -> dict[int, Status]:
    """Return the lines of the headings whose section carries a status that speaks against it ("Status: superseded")."""
    decided: dict[int, Status] = {}
    for passage in passages:
        if passage.headings and passage.kind != "heading" and (match := _DECIDED.match(passage.text[:80])):
            decided[passage.headings[-1].line] = "rejected" if match[1] else "future"
    return decided


def verdict_of(label: str) -> Status:
    """Return what a label says of that which follows it: `rejected`, `future`, `optional` or `content`, else ""."""
    status = _status(label[:60], tail=False)
    return status if status in {"rejected", "future", "optional", "content"} else ""


def label_of(text: str) -> str:
    """Return the words before the first colon or dash of `text`, "" where it has no such label."""
    match = _LABEL.match(text[:120])
    if match is None or (len(match[1]) > _SHORT and match.group().rstrip("*_`").endswith("，")):
        return ""  # a full-width comma ends a label only after a word or two
    return match[1].strip()


@lru_cache(maxsize=4096)
def topic_of(text: str) -> str:
    """Return the topic that a label, heading or column names ("Message broker" is `queue`), or ""."""
    return next((topic for topic in words.names("topic") if words.anywhere("topic", topic).search(text)), "")


def _own(passage: Passage) -> tuple[Frame, str]:
    if passage.kind == "cell":
        return _cell(passage)
    if passage.kind == "heading":
        return Frame(_status(passage.text, tail=True), "", passage.text), topic_of(passage.text)
    named = label_of(passage.text)
    if not named:
        return Frame(""), ""
    status = _status(named, tail=False)
    if status == "phase":
        status = "future" if re.search(r"[2-9]|二|三|四", named) else "current"
    return Frame("stack" if status == "current" else status, "", named), topic_of(named)


def _cell(passage: Passage) -> tuple[Frame, str]:
    first = passage.text == passage.row
    label = topic_of(passage.column) if first else topic_of(passage.row[:60]) or topic_of(passage.column)
    beside = _beside(passage)
    if beside.status:
        return beside, label
    if passage.now and passage.row != passage.now and not topic_of(passage.now):
        return Frame("future", label, passage.now), label
    chosen = _chosen(passage)
    if chosen:
        return Frame(chosen, label, passage.column), label
    for name in _COLUMNS:
        if passage.column and words.whole("column", name).match(passage.column):
            return Frame(name, label, passage.column), label
    status = "" if first else _status(passage.row[:80], tail=False)
    if status in {"rejected", "future", "optional"}:
        return Frame(status, label, passage.row), label
    return Frame("stack" if label else ""), label


def _chosen(passage: Passage) -> Status:
    """What a column of decisions says: its cells are the stack, and the column of candidates beside it is not."""
    decided = [column for column in passage.columns if words.whole("column", "chosen").match(column)]
    if not decided:
        return ""
    if words.whole("column", "candidates").match(passage.column):
        return "rejected"
    return "stack" if passage.column in decided else ""


def _beside(passage: Passage) -> Frame:
    """What another cell of the row says of the whole row: "Phase 2", "rejected", or a cross under "MVP"."""
    for index, cell in enumerate(passage.cells):
        if cell is passage.text or len(cell) >= 60:
            continue
        for name in _ROWS:
            if words.whole("row", name).match(cell):
                return Frame(name, where=cell)
        if (
            cell != passage.row
            and words.whole("row", "todo").match(cell)
            and not any(map(words.whole("row", "must").match, passage.cells))
        ):
            return Frame("future", where=cell)
        header = passage.columns[index] if index < len(passage.columns) else ""
        if words.whole("row", "no").match(cell) and words.anywhere("row", "asks").search(header):
            return Frame("rejected", where=cell)
    return Frame("")


@lru_cache(maxsize=4096)
def _status(text: str, *, tail: bool) -> Status:
    plain = _NUMBERING.sub("", text, count=1)
    parts = [part.strip(" *_`~#\"'") for part in _PARTS.split(plain)]
    candidates = [part for part in (plain.strip(" *_`"), *parts) if part]
    for name in _SECTIONS:
        for part in candidates[: None if tail else 3]:
            if _says(name, part):
                if name == "future" and _PHASE.match(plain):
                    return "phase"
                return name
    return ""


def _says(name: str, part: str) -> bool:
    if any(ord(character) > 0x24F for character in part if character.isalpha()):
        return bool(words.anywhere("section", name).search(part))
    return bool(words.whole("section", name).match(part))
