"""HEALTHCHECK: its options and its command."""

from __future__ import annotations

import re
from typing import Final

from bot.errors import ParseError
from bot.parse.dockerfile_model import DockerfileHealthcheck, Flag, Instruction
from bot.parse.dockerfile_words import json_words

_PART: Final = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_TIMES: Final = frozenset({"interval", "timeout", "start-period", "start-interval"})


def duration_seconds(text: str) -> float | None:
    """Return the seconds of a Go duration such as `1m30s`, or None where it is none."""
    if text == "0":
        return 0.0
    total, at = 0.0, 0
    while match := _PART.match(text, at):
        total += float(match[1]) * _SECONDS[match[2]]
        at = match.end()
    return total if at == len(text) and at else None


def read_healthcheck(instruction: Instruction, path: str) -> DockerfileHealthcheck:
    """Read a HEALTHCHECK.

    Raises:
        ParseError: neither NONE nor CMD, an unknown option, or an option's value that is none.
    """
    kind = instruction.words[0].value.upper()
    if kind == "NONE":
        if len(instruction.words) > 1:
            raise _error(path, instruction, "HEALTHCHECK NONE takes no argument")
        return DockerfileHealthcheck(instruction=instruction, none=True)
    if kind != "CMD":
        raise _error(path, instruction, f"HEALTHCHECK takes CMD or NONE, not {instruction.words[0].value[:40]!r}")
    times: dict[str, float | None] = {}
    retries = None
    for flag in instruction.flags:
        if flag.name in _TIMES:
            times[flag.name.replace("-", "_")] = _seconds(flag, path)
        elif flag.name == "retries":
            retries = _retries(flag, path)
        else:
            raise ParseError(
                f"HEALTHCHECK has no option --{flag.name}", path=path, line=flag.word.line, column=flag.word.column
            )
    text = instruction.body.text
    begin = len(text) - len(text[3:].lstrip())
    command = instruction.body.slice(begin, len(text))
    words = json_words(command)
    if not command.text or words == ():
        raise _error(path, instruction, "HEALTHCHECK CMD has no command")
    return DockerfileHealthcheck(
        instruction=instruction,
        words=words or (),
        shell=None if words else command,
        interval=times.get("interval"),
        timeout=times.get("timeout"),
        start_period=times.get("start_period"),
        start_interval=times.get("start_interval"),
        retries=retries,
    )


def _seconds(flag: Flag, path: str) -> float | None:
    if "$" in flag.value:
        return None
    seconds = duration_seconds(flag.value)
    if seconds is None:
        raise ParseError(
            f"{flag.value[:40]!r} is no duration",
            path=path,
            line=flag.word.line,
            column=flag.word.column,
            hint="write a number and its unit, such as 30s or 1m30s",
        )
    return seconds


def _retries(flag: Flag, path: str) -> int | None:
    if "$" in flag.value:
        return None
    if not re.fullmatch(r"\d{1,9}", flag.value):
        raise ParseError(
            f"--retries takes a whole number, not {flag.value[:40]!r}",
            path=path,
            line=flag.word.line,
            column=flag.word.column,
        )
    return int(flag.value)


def _error(path: str, instruction: Instruction, what: str) -> ParseError:
    return ParseError(what, path=path, line=instruction.line, column=instruction.column)
