"""What was said with the model, one JSON value a line: enough to play the conversation again without a model."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.agent.limit import Budget, Cancelled, Completed, End, Failed, Limits, Refused, Spent
from bot.agent.message import Block, Turn
from bot.errors import InvalidValueError
from bot.model.codec import from_builtins, to_builtins

VERSION: Final = 1
_ENDS: Final[dict[type[End], str]] = {
    Completed: "completed",
    Budget: "budget",
    Cancelled: "cancelled",
    Refused: "refused",
    Failed: "failed",
}

Redact = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """How a conversation began; a transcript may hold several of them, one after the other.

    Attributes:
        key: Its name, as in step names and the ledger.
        at: ISO time in UTC.
    """

    key: str
    at: str
    model: str
    system: str
    task: str
    tools: tuple[Block, ...]
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How it ended: the kind of end (`completed`, `budget`, `cancelled`, `refused`, `failed`) and its words."""

    how: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One conversation as it was written down; `ended` is None where it broke off."""

    begin: Begin
    turns: tuple[Turn, ...] = ()
    ended: Ended | None = None

    @property
    def spent(self) -> Spent:
        """All that its turns used."""
        total = Spent()
        for turn in self.turns:
            total = total.plus(turn.reply.spent)
        return total


def begin_line(begin: Begin, redact: Redact) -> bytes:
    """Return the line with which a conversation begins."""
    return _line({"kind": "begin", "version": VERSION, **to_builtins(begin)}, redact)


def turn_line(key: str, number: int, turn: Turn, redact: Redact) -> bytes:
    """Return the line of turn `number`, counted from 1, of the conversation `key`."""
    return _line({"kind": "turn", "key": key, "number": number, **to_builtins(turn)}, redact)


def end_line(key: str, end: End, redact: Redact) -> bytes:
    """Return the line with which a conversation ends."""
    return _line({"kind": "end", "key": key, "how": _ENDS[type(end)], "words": end.words}, redact)


def read_transcript(data: bytes) -> tuple[Talk, ...]:
    """Return the conversations in `data`; a last line that was not written to its end is left out.

    Raises:
        InvalidValueError: It is no transcript, or one of another version; says which line is wrong.
    """
    lines = data.split(b"\n")
    whole, torn = lines[:-1], lines[-1]
    del torn  # a process was killed while it wrote it; the turn is paid, and told again when the run goes on
    talks: dict[str, Talk] = {}
    for number, line in enumerate(whole, start=1):
        try:
            _take(json.loads(line), talks)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise InvalidValueError(f"line {number} is not a line of a transcript: {error}") from error
    return tuple(talks.values())


def _take(entry: Any, talks: dict[str, Talk]) -> None:
    if not isinstance(entry, dict):
        raise TypeError("it is no object")
    kind, key = entry.get("kind"), entry.get("key", "")
    if kind == "begin":
        if entry.get("version") != VERSION:
            raise ValueError(f"it is of version {entry.get('version')}, and this program reads version {VERSION}")
        talks.setdefault(key, Talk(begin=from_builtins(Begin, _without(entry, "kind", "version"))))
        return
    talk = talks[key]
    if kind == "turn":
        if entry["number"] == len(talk.turns) + 1:  # one that was told before, by a process that died, is the same
            turn = from_builtins(Turn, _without(entry, "kind", "key", "number"))
            talks[key] = Talk(begin=talk.begin, turns=(*talk.turns, turn), ended=talk.ended)
    elif kind == "end":
        ended = Ended(how=str(entry["how"]), words=str(entry["words"]))
        talks[key] = Talk(begin=talk.begin, turns=talk.turns, ended=ended)
    else:
        raise ValueError(f"its kind {kind!r} is unknown")


def _without(entry: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in names}


def _line(entry: dict[str, Any], redact: Redact) -> bytes:
    return json.dumps(_redacted(entry, redact), ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _redacted(value: Any, redact: Redact) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {
            redact(name) if isinstance(name, str) else name: _redacted(item, redact) for name, item in value.items()
        }
    if isinstance(value, Sequence):
        return [_redacted(item, redact) for item in value]
    return value
