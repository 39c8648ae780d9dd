"""The transcript of a run as a file: each turn is on the disk before the next begins, and none is there twice."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bot.agent.limit import End, Limits
from bot.agent.message import Block, Turn
from bot.agent.transcript import Begin, Redact, begin_line, end_line, read_transcript, turn_line


class Recorder(Protocol):
    """Writes down what is said; each call may come again for what was told before."""

    def begin(self, key: str, *, model: str, system: str, task: str, tools: tuple[Block, ...], limits: Limits) -> None:
        """A conversation begins."""
        ...

    def turn(self, key: str, number: int, turn: Turn) -> None:
        """A turn was taken; `number` counts from 1."""
        ...

    def end(self, key: str, end: End) -> None:
        """The conversation ended."""
        ...


class NoRecorder:
    """Writes nothing down."""

    def begin(self, key: str, *, model: str, system: str, task: str, tools: tuple[Block, ...], limits: Limits) -> None:
        """Do nothing."""

    def turn(self, key: str, number: int, turn: Turn) -> None:
        """Do nothing."""

    def end(self, key: str, end: End) -> None:
        """Do nothing."""


class TranscriptFile:
    """Appends to a file that only its owner may read.

    Args:
        path: The file; what an earlier process wrote there is gone on with, without its torn last line.
        redact: Takes secrets out of every text.

    Raises:
        InvalidValueError: The file is there and is no transcript; it is left as it is.
    """

    def __init__(self, path: Path, redact: Redact) -> None:
        self._path = path
        self._redact = redact
        path.parent.mkdir(parents=True, exist_ok=True)
        there = path.read_bytes() if path.exists() else b""
        talks = read_transcript(there)
        self._turns = {talk.begin.key: len(talk.turns) for talk in talks}
        self._ended = {talk.begin.key for talk in talks if talk.ended}
        if not there.endswith(b"\n") and there:
            os.truncate(path, there.rfind(b"\n") + 1)

    def begin(self, key: str, *, model: str, system: str, task: str, tools: tuple[Block, ...], limits: Limits) -> None:
        """Write down that a conversation begins."""
        if key in self._turns:
            return
        self._turns[key] = 0
        at = datetime.now(UTC).isoformat(timespec="seconds")
        begin = Begin(key=key, at=at, model=model, system=system, task=task, tools=tools, limits=limits)
        self._append(begin_line(begin, self._redact))

    def turn(self, key: str, number: int, turn: Turn) -> None:
        """Write down a turn."""
        if number <= self._turns[key]:
            return
        self._turns[key] = number
        self._append(turn_line(key, number, turn, self._redact))

    def end(self, key: str, end: End) -> None:
        """Write down how the conversation ended."""
        if key in self._ended:
            return
        self._ended.add(key)
        self._append(end_line(key, end, self._redact))

    def _append(self, line: bytes) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)
