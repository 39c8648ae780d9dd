"""A transcript as a page: what was said, each tool call folded, each edit as a diff, and what each turn cost."""

from __future__ import annotations

import base64
import difflib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.agent.limit import Spent
from bot.agent.message import Block, ToolResult, Turn
from bot.agent.output import bounded
from bot.agent.transcript import Talk
from bot.report import figures
from bot.report.health_html import page_environment

_HEAD: Final = 6_000
_TAIL: Final = 6_000
_TONES: Final = {
    "completed": "fine",
    "budget": "unknown",
    "cancelled": "unknown",
    "refused": "broken",
    "failed": "broken",
}
_TITLES: Final = {
    "completed": "Completed",
    "budget": "Stopped at a limit",
    "cancelled": "Cancelled",
    "refused": "Refused",
    "failed": "Failed",
}
# The argument by which a person knows what a call was about.
_ABOUT: Final = ("command", "path", "file_path", "pattern", "skill", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line of a diff; `kind` is `added`, `removed` or `same`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """A tool call as it is shown."""

    tool: str
    about: str
    failed: bool
    diff: tuple[_Line, ...]
    arguments: str
    answer: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """A turn as it is shown; `share` is the percent of the most expensive turn."""

    number: int
    said: str
    thought: str
    calls: tuple[_Call, ...]
    dollars: str
    tokens: str
    took: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Talk:
    """A conversation as it is shown."""

    name: str
    at: str
    model: str
    title: str
    tone: str
    words: str
    system: str
    task: str
    turns: tuple[_Turn, ...]
    facts: tuple[tuple[str, str], ...]


def transcript_page(talks: Sequence[Talk]) -> str:
    """Return the page of all conversations of a run, oldest first: self-contained, no script, nothing fetched."""
    environment = page_environment()
    style = environment.get_template("report.css").render() + environment.get_template("transcript.css").render()
    total = Spent()
    for talk in talks:
        total = total.plus(talk.spent)
    return environment.get_template("transcript.html.j2").render(
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        talks=[_talk(talk) for talk in talks],
        total=_dollars(total.dollars),
    )


def _talk(talk: Talk) -> _Talk:
    how = talk.ended.how if talk.ended else ""
    spent, highest = talk.spent, max((turn.reply.spent.dollars for turn in talk.turns), default=0.0)
    inputs = spent.fresh + spent.written + spent.read
    return _Talk(
        name=talk.begin.key,
        at=talk.begin.at,
        model=talk.begin.model,
        title=_TITLES.get(how, how or "Broke off"),
        tone=_TONES.get(how, "unknown"),
        words=talk.ended.words if talk.ended else "The process ended, or still writes.",
        system=talk.begin.system,
        task=talk.begin.task,
        turns=tuple(_turn(number, turn, highest) for number, turn in enumerate(talk.turns, start=1)),
        facts=(
            ("model", talk.begin.model),
            ("cost", _dollars(spent.dollars)),
            ("turns", str(len(talk.turns))),
            ("tokens in", f"{inputs:,}"),
            ("of them cached", f"{spent.read / inputs:.0%}" if inputs else "none"),
            ("tokens out", f"{spent.output:,}"),
            ("model's time", figures.moment(spent.seconds)),
        ),
    )


def _turn(number: int, turn: Turn, highest: float) -> _Turn:
    spent = turn.reply.spent
    thoughts = [str(block.get("thinking", "")) for block in turn.reply.content if block.get("type") == "thinking"]
    return _Turn(
        number=number,
        said=turn.reply.text,
        thought="\n".join(thoughts),
        calls=tuple(_call(call, turn.results.get(call["id"])) for call in turn.reply.calls),
        dollars=_dollars(spent.dollars),
        tokens=f"{spent.fresh + spent.written + spent.read:,} in, {spent.output:,} out",
        took=figures.moment(spent.seconds),
        share=spent.dollars / highest * 100 if highest else 0.0,
    )


def _call(call: Block, result: ToolResult | None) -> _Call:
    given: Any = call.get("input")
    arguments: dict[str, Any] = given if isinstance(given, dict) else {"input": given}
    about = next((str(arguments[name]) for name in _ABOUT if arguments.get(name)), "")
    answer = result.text if result else "It was not run."
    diff = _diff(arguments)
    return _Call(
        tool=str(call.get("name", "")),
        about=about.split("\n")[0],
        failed=result is None or result.is_error,
        diff=diff,
        arguments="" if diff else _told(arguments, about),
        answer=bounded(answer, head=_HEAD, tail=_TAIL),
        size=len(answer),
    )


def _told(arguments: dict[str, Any], about: str) -> str:
    """The arguments as text, unless the line above says it all."""
    if list(arguments.values()) == [about] and "\n" not in about:
        return ""
    if set(arguments) <= {"command"} and about:
        return bounded(about, head=_HEAD, tail=_TAIL)
    return bounded(json.dumps(arguments, indent=2, ensure_ascii=False), head=_HEAD, tail=_TAIL)


def _diff(arguments: dict[str, Any]) -> tuple[_Line, ...]:
    """The lines of an edit, or of a file that was written; empty for every other call."""
    old, new = _text(arguments, "old_string", "old_str"), _text(arguments, "new_string", "new_str")
    if new is None:
        new = _text(arguments, "content", "file_text")
    if new is None:
        return ()
    before = bounded(old or "", head=_HEAD, tail=_TAIL).splitlines()
    after = bounded(new, head=_HEAD, tail=_TAIL).splitlines()
    kinds = {"+ ": "added", "- ": "removed", "  ": "same"}
    compared = difflib.ndiff(before, after) if old else (f"+ {line}" for line in after)
    return tuple(_Line(kind=kinds[line[:2]], text=line[2:]) for line in compared if line[:2] in kinds)


def _text(arguments: dict[str, Any], *names: str) -> str | None:
    return next((arguments[name] for name in names if isinstance(arguments.get(name), str)), None)


def _dollars(dollars: float) -> str:
    return f"${dollars:.2f}" if dollars >= 0.995 else f"${dollars:.3f}"
