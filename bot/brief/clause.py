"""Reads the clause around a mention: negation, deferral, choice, asides, and where a thing is said to run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.brief import words

_REACH: Final = 170
_START: Final = 28
_CLOSE: Final = 30
_SENTENCE: Final = re.compile(
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bz\.b)(?<!p\.ej)[.!?](?=\s|$)|[;；。！？]|"
    r"\n(?=\s*(?:[-*•]|\*\*|\d+[.)]))|\s[·•]\s|\s{4,}|[│║┃]|<br */?>|\n(?=\s*[฀-๿一-鿿])",
    re.IGNORECASE,
)
_SEGMENT: Final = re.compile(
    r"[,，、()（）—–]|\s-\s|[|→]|[:：]\s|"
    r"\s(?:and then|and|but|while|then|with|plus(?! tard)|и|а|mas|mais|pero|et|e|và|และ)\s"
)
_PAREN: Final = re.compile(r"^[\s*_`\"']*[^\s(（]{0,14}[\s*_`\"']*[(（\[]([^)）\]]{1,90})[)）\]]")
_BROKEN: Final = re.compile(r"[—–()（）:：，]|\s-\s|->|→")
_NAMES_ONLY: Final = re.compile(r"^(?:[^.!?]|\.(?=\w)){0,90}$", re.DOTALL)
_ARE: Final = re.compile(
    r"^[\w\s,./+&`*-]{0,80}?\s(?:are|is|was|were|have been|has been|will be|wurden?|ont été|a été|foram|fueron|comes?|"
    r"follows?|arrives?|sind|są|sont|são|son|будут)\s+([^.;]{3,60})",
    re.IGNORECASE,
)
_FREE: Final = re.compile(r"^[- ]free\b(?!\s+(?:tier|plan))|^-less\b", re.IGNORECASE)
_OPENING: Final = re.compile(r"^[\s*_`]*([^\W\d][^:：.\n]{2,34}?)[*_`]*[:：]")
_PORTUGUESE: Final = re.compile(r"\b(?:os|das|dos|são|não|uma|pelo|pela|ficam?|dados|em|também)\b", re.IGNORECASE)
_SECOND: Final = re.compile(r"^(?:v|version |release )[2-9](?:\.\d|\.x)?\+?$", re.IGNORECASE)
_ANY: Final = re.compile(r"\bany (?:\w+ ){0,2}\w+ ?[(:] ?[^():]{0,60}$", re.IGNORECASE)
_FORMERLY: Final = re.compile(
    r"^[\s*_`>-]*(?:formerly|previously|in the past|before that|"
    r"(?:the |our )?(?:previous|old|earlier) (?:version|prototype|system|app|release)"
    r"(?: \w+)? (?:used|ran|was|had|relied)|früher|bisher|auparavant|autrefois|antes|antigamente|"
    r"anteriormente|원래|기존|예전|이전|과거|元々|従来|かつて|раньше|ранее|прежде|以前|之前|原来|"
    r"trước đây|เดิม|แต่ก่อน)(?!\w)",
    re.IGNORECASE,
)
_NOW: Final = re.compile(
    r"\b(?:now|today|instead|jetzt|heute|maintenant|désormais|agora|ahora|hoje|теперь|сейчас)\b|"
    r"现在|如今|hiện nay|ปัจจุบัน",
    re.IGNORECASE,
)
_CHANGED: Final = re.compile(
    r"\b(?:mov|migrat|switch|port|chang|convert|rewritten|rewrote)\w*\b[^.]*\bfrom[\s*_`]+$", re.IGNORECASE
)
# "If the queue grows, we shall ...": what is promised there does not run yet.
_IF: Final = re.compile(
    r"^[\s*_`>-]*(?:if|should|when|once|as soon as|se|quando|si|cuando|quand|wenn|falls|sobald|если|когда|nếu|khi)\s"
    r"(?!you\b)[^.]*\b(?:will|shall|would|may|might|could|can|\w+(?:remos|rons|rá|rão)|werden|wechseln|sẽ|vamos|"
    r"пере\w+|добав\w+|будем)\b|^[\s*_`>-]*(?:如果|若|当)[^。]*(?:再|将|会|则)",
    re.IGNORECASE,
)
_SECOND_BEST: Final = re.compile(r"^\W*(?:alternativ|back-?up|备选|替代|대안|代替)", re.IGNORECASE)
# "(e.g. X / Y)": what could be taken; in italics, what a template leaves to be filled in.
_SUGGESTED: Final = re.compile(
    r"(?:^|[(（_*\s])(?:e\.g\.?,?|for example,?|such as|like|z\.b\.|por ejemplo|par exemple|например|"
    r"例如|比如|예:?)\s[^()（）]*$",
    re.IGNORECASE,
)
_BLANK: Final = re.compile(r"^\s*[_*]\s*\(?\s*(?:e\.g|i\.e|for example|fill|tbd|todo)\b", re.IGNORECASE)
_AFTER: Final = re.compile(r"^[\s*_`\"')）(（—–:：,-]*")


@dataclass(frozen=True, slots=True)
class Clause:
    """The words around a mention.

    Attributes:
        before: From the start of the sentence (or at most 170 characters back) to the mention.
        after: From the mention to the end of the sentence, bounded alike.
        segment_before: The part of `before` after the last comma, bracket or dash.
        segment_after: The part of `after` up to the next one.
        bracket: The content of brackets that directly follow the mention, or "".
        asked: A question mark follows directly ("Postgres? Only if ...").
    """

    before: str
    after: str
    segment_before: str
    segment_after: str
    bracket: str
    asked: bool = False

    @property
    def segment(self) -> str:
        """The mention's own segment without the mention."""
        return f"{self.segment_before} {self.segment_after}"


def clause(text: str, start: int, end: int) -> Clause:
    """Return the clause around the characters `start` to `end` of `text`."""
    before = text[max(0, start - _REACH) : start]
    for boundary in _SENTENCE.finditer(before):
        cut = boundary.end()
    if _SENTENCE.search(before):
        before = before[cut:]
    after = text[end : end + _REACH]
    if boundary_after := _SENTENCE.search(after):
        after = after[: boundary_after.start()]
    segment_before = _SEGMENT.split(before)[-1]
    segment_after = _SEGMENT.split(after)[0]
    bracket = _PAREN.match(text[end : end + 120])
    return Clause(
        before,
        after,
        segment_before,
        segment_after,
        bracket=bracket[1] if bracket else "",
        asked=text[end : end + 1] == "?",
    )


def negated(around: Clause) -> bool:
    """Whether the clause speaks against what it names ("no Kafka", "instead of MySQL", "Kafka is overkill")."""
    rest = _AFTER.sub("", around.after, count=1)
    if words.at_start("clause", "negated").match(rest) or _FREE.match(around.after):
        return True
    if (said := _ARE.match(around.after)) and words.at_start("clause", "declined").match(said[1]):
        return True
    if changed(around):
        return True
    if _FORMERLY.match(around.before) and not _NOW.search(around.before):
        return True
    last: re.Match[str] | None = None
    for found in words.anywhere("clause", "negator").finditer(around.before):
        if found.group().lower() != "no" or not _PORTUGUESE.search(around.before + around.after):
            last = found
    if last is None:
        return False
    between = around.before[last.end() :]
    if (
        _BROKEN.search(between)
        or between.lstrip().startswith(",")  # "Kubernetes is not needed, we use Docker Compose"
        or not _NAMES_ONLY.match(between)
        or re.search(r"\bonly\b|[- ]only\b", between + around.after[:8])
    ):
        return False
    return not words.anywhere("clause", "stopper").search(between)


def changed(around: Clause) -> bool:
    """Whether the clause tells that this was given up for something else ("moved from X to Y")."""
    return bool(_CHANGED.search(around.before))


def labelled(around: Clause) -> str:
    """The label that opens the mention's sentence within a paragraph ("Alternatives: ..."), "" where there is none."""
    match = _OPENING.match(around.before)
    return match[1].strip() if match else ""


def deferred(around: Clause) -> bool:
    """Whether the clause puts what it names off ("Celery (Post-MVP)", "Kafka later", "migrate to X")."""
    pattern = words.anywhere("clause", "deferred")
    where = (around.bracket, around.segment, around.before[:_START])
    if _IF.match(around.before):
        return True
    if around.asked or _SECOND.match(around.bracket) or any(pattern.search(text) for text in where):
        return True
    if (later := _ARE.match(around.after)) and words.at_start("clause", "deferred").match(later[1]):
        return True
    toward = words.last("clause", "toward", around.segment_before)
    return toward is not None and len(around.segment_before) - toward.end() <= _CLOSE


def optional(around: Clause) -> bool:
    """Whether the clause calls what it names optional."""
    pattern = words.anywhere("clause", "optional")
    if _SECOND_BEST.match(around.bracket):
        return True
    return bool((around.bracket and pattern.search(around.bracket)) or pattern.search(around.segment))


def suggested(around: Clause) -> bool:
    """Whether it is named as one that could be taken ("a queue, e.g. RabbitMQ")."""
    return bool(_SUGGESTED.search(around.before))


def unfilled(around: Clause) -> bool:
    """Whether it stands in a place that a template leaves to be filled in ("_(e.g. Render / Railway)_")."""
    return bool(_BLANK.match(around.before))


def aside(around: Clause) -> bool:
    """Whether the clause names it as an example, a comparison, or something the product talks to."""
    if _ANY.search(around.before):
        return True
    last = words.last("clause", "aside", around.before[-90:])
    if last is not None:
        between = around.before[-90:][last.end() :]
        if (
            not _BROKEN.search(between)
            and not words.anywhere("clause", "stopper").search(between)
            and len(between.split()) <= 8
        ):
            return True
    return bool(words.at_start("clause", "content_after").match(around.after[:24]))


def local(around: Clause, *, wide: str) -> bool:
    """Whether the clause (or the row or box `wide`) says that it runs on our own machines."""
    return bool(words.anywhere("clause", "local").search(f"{around.segment} {around.bracket} {wide}"))


def managed(around: Clause) -> bool:
    """Whether the clause calls it managed, hosted by others."""
    return bool(
        words.anywhere("clause", "managed").search(
            f"{around.segment_before[-30:]} {around.segment_after[:20]} {around.bracket}"
        )
    )


_BETWEEN_CHOICES: Final = re.compile(
    r"^[\s*_`\"']*(?:\s(?:v?\d[\w.+]*)\s*)?[\s*_`\"']*"
    r"(?:/|,?\s*\bor\b(?:\s+(?:plain|just|simply|a|an))?|\||或者?|или|либо|\bou\b|hoặc|หรือ|oder|\bo\b|\bvs\.?\b)"
    r"[\s*_`\"']*$",
    re.IGNORECASE,
)
_IN_BRACKETS: Final = re.compile(
    r"^[\s*_`\"'\d.]*[(（]\s*(?:or|ou|или|或|hoặc|หรือ|alternatively)\s*[\s*_`\"']*$", re.IGNORECASE
)
_OVER: Final = re.compile(
    r"^[\s*_`\"'\d.]*\s*\b(?:over|instead of|not|rather than|в место)\b[\s*_`\"']*$", re.IGNORECASE
)


def is_choice(between: str, *, kin: bool = False) -> bool:
    """Whether the text between two names leaves open which ("X / Y", "X or Y"); for `kin` a slash does not."""
    return len(between) <= 24 and bool(_BETWEEN_CHOICES.match(between)) and not (kin and "/" in between)


def is_spare(between: str) -> bool:
    """Whether the second of two names is only the spare of the first ("X (or Y)")."""
    return len(between) <= 24 and bool(_IN_BRACKETS.match(between))


def is_over(between: str) -> bool:
    """Whether the first of two names was chosen over the second ("X over Y")."""
    return len(between) <= 24 and bool(_OVER.match(between))
