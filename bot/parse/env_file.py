"""Env files (`.env`, `.env.example`): names and values with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.parse.source import Source, Span

_LINE: Final = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*(?:=[ \t]*(.*))?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvVariable:
    """One assignment.

    Attributes:
        name: Its name.
        value: Its value, quotes and comment removed; "" where none is given.
        name_span: Where the name is written.
        value_span: Where the value is written, quotes included; empty where there is none.
    """

    name: str
    value: str
    name_span: Span
    value_span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvFile:
    """An env file; `variables` in file order, the last of a name counts."""

    source: Source
    variables: tuple[EnvVariable, ...]

    def get(self, name: str) -> str | None:
        """Return the value of `name`; None where the file does not define it."""
        for variable in reversed(self.variables):
            if variable.name == name:
                return variable.value
        return None

    def names(self) -> frozenset[str]:
        """Return the names it defines."""
        return frozenset(variable.name for variable in self.variables)


def read_env(source: Source) -> EnvFile:
    """Read an env file, once; lines that are no assignment are passed over, as compose passes over comments."""
    known = source.parsed.get("env")
    if not isinstance(known, EnvFile):
        known = source.parsed["env"] = _read(source)
    return known


def _read(source: Source) -> EnvFile:
    found: list[EnvVariable] = []
    number, last = 1, len(source.line_starts)
    while number <= last:
        line = source.line(number).lstrip("\ufeff")
        match = _LINE.match(line)
        shift = source.line_starts[number - 1] + len(source.line(number)) - len(line)
        number += 1
        if not match:
            continue
        name_span = source.span(shift + match.start(1), shift + match.end(1))
        if match[2] is None:
            found.append(
                EnvVariable(name=match[1], value="", name_span=name_span, value_span=_empty(source, name_span))
            )
            continue
        start = shift + match.start(2)
        raw = match[2]
        if raw[:1] in {'"', "'"}:
            close = _closing(source.text, start, raw[0])
            if close is not None:
                value = source.text[start + 1 : close]
                span = source.span(start, close + 1)
                found.append(EnvVariable(name=match[1], value=value, name_span=name_span, value_span=span))
                number = source.position(close)[0] + 1
                continue
        value = re.split(r"(?:^|[ \t]+)#", raw, maxsplit=1)[0].rstrip()
        span = source.span(start, start + len(value))
        found.append(EnvVariable(name=match[1], value=value, name_span=name_span, value_span=span))
    return EnvFile(source=source, variables=tuple(found))


def _empty(source: Source, after: Span) -> Span:
    return source.span(after.end, after.end)


def _closing(text: str, start: int, quote: str) -> int | None:
    """Return the offset of the quote that closes the one at `start`; a value may span lines, within reason."""
    end = min(len(text), start + 20_000)
    at = start + 1
    while at < end:
        if text[at] == "\\" and quote == '"':
            at += 2
            continue
        if text[at] == quote:
            return at
        at += 1
    return None
