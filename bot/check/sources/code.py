"""Reading calls out of C-like source text (JavaScript, TypeScript, PHP, Go) without running it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_LITERAL: Final = re.compile(r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`([^`$\\]*)`)\s*$""", re.DOTALL)
_TOKEN: Final = re.compile(
    r"""//[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`""", re.DOTALL
)
_PHP_TOKEN: Final = re.compile(
    r"""//[^\n]*|\#(?!\[)[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL
)


def without_comments(text: str, *, php: bool = False) -> str:
    """Return `text` with comments blanked out; every other character keeps its place."""

    def put(match: re.Match[str]) -> str:
        found = match[0]
        if found.startswith(("//", "/*")) or (php and found.startswith("#")):
            return re.sub(r"[^\n]", " ", found)
        return found

    return (_PHP_TOKEN if php else _TOKEN).sub(put, text)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `receiver.method(arguments)`; the receiver is empty for a chained or bare one."""

    receiver: str
    method: str
    arguments: tuple[str, ...]
    start: int
    end: int


def calls(text: str, pattern: re.Pattern[str]) -> Iterator[Call]:
    """Yield the calls whose head matches `pattern`: group 1 is the receiver, group 2 the method, it ends at the `(`."""
    for match in pattern.finditer(text):
        arguments, end = arguments_at(text, match.end() - 1)
        yield Call(match[1] or "", match[2], arguments, match.start(), end)


def arguments_at(text: str, opening: int) -> tuple[tuple[str, ...], int]:
    """Return the top-level arguments of the bracket that opens at `opening`, and the index behind its end."""
    found: list[str] = []
    depth, at, begin = 0, opening, opening + 1
    length = min(len(text), opening + 200_000)
    while at < length:
        char = text[at]
        if char in "'\"`":
            at = _string_end(text, at, length)
            continue
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if not depth:
                if text[begin:at].strip():
                    found.append(text[begin:at].strip())
                return tuple(found), at + 1
        elif char == "," and depth == 1:
            found.append(text[begin:at].strip())
            begin = at + 1
        at += 1
    return tuple(found), length


def _string_end(text: str, at: int, length: int) -> int:
    quote = text[at]
    at += 1
    while at < length and text[at] != quote:
        if text[at] == "\n" and quote != "`":
            return at  # an apostrophe in text, such as in JSX
        at += 2 if text[at] == "\\" else 1
    return at + 1


def block_end(text: str, opening: int) -> int:
    """Return the index behind the brace that closes the one at `opening`."""
    return arguments_at(text, opening)[1]


def literal(argument: str) -> str | None:
    """Return the value of a string literal without interpolation, or None where the argument is something else."""
    match = _LITERAL.match(argument)
    if not match:
        return None
    value = next(group for group in match.groups() if group is not None)
    return re.sub(r"\\(.)", r"\1", value)


def literals(argument: str) -> list[str] | None:
    """Return the values of a literal, or of an array of literals; None where any part is something else."""
    one = literal(argument)
    if one is not None:
        return [one]
    stripped = argument.strip()
    if not stripped.startswith("["):
        return None
    parts, end = arguments_at(stripped, 0)
    values = [literal(part) for part in parts]
    if end != len(stripped) or any(value is None for value in values):
        return None
    return [value for value in values if value is not None]
