"""Logical lines of a Dockerfile: directives, comments, continuations and heredocs, as BuildKit reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.errors import ParseError
from bot.parse.dockerfile_text import Text
from bot.parse.source import Source

_DIRECTIVE = re.compile(r"^#[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(.+?)[ \t]*$")
_KNOWN = frozenset({"escape", "syntax", "check"})
_KEYWORD = re.compile(r"[ \t]*(?:ONBUILD[ \t]+)?(RUN|COPY|ADD)(?=[ \t])", re.IGNORECASE)
# A quoted or bare delimiter, alone in its word but for a file descriptor in front.
_HEREDOC = re.compile(r"(?<![^ \t])\d*<<(-?)(?:\"([^\"<]+)\"|'([^'<]+)'|([^<\s\"';&|()]+))(?=[\s;&|)]|$)")
_MAX_HEREDOCS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Heredoc:
    """A heredoc of RUN, COPY or ADD.

    Attributes:
        name: Its delimiter, without quotes.
        expand: Variables in it are expanded (the delimiter was not quoted).
        body: What stands between the delimiters; leading tabs are still there for `<<-`.
    """

    name: str
    expand: bool
    body: Text


@dataclass(slots=True, kw_only=True)
class LogicalLine:
    """One instruction's text, continuations joined and comments left out, and the heredocs behind it."""

    text: Text
    start: int
    end: int
    heredocs: list[Heredoc] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Lines:
    """What a Dockerfile holds before its instructions are understood."""

    directives: dict[str, str]
    escape: str
    lines: list[LogicalLine]


def read_lines(source: Source, path: str) -> Lines:
    """Split a Dockerfile.

    Raises:
        ParseError: an unknown escape character, or a heredoc without its end.
    """
    physical = _physical(source.text)
    directives, at = _directives(physical, path)
    escape = directives.get("escape", "\\")
    continued = re.compile(rf"(?:(?<!{re.escape(escape)})|^){re.escape(escape)}[ \t]*$")
    lines: list[LogicalLine] = []
    while at < len(physical):
        start, raw = physical[at]
        at += 1
        stripped = raw.lstrip(" \t\ufeff" if start == 0 else " \t")
        if not stripped or stripped.startswith("#"):
            continue
        begin = start + len(raw) - len(stripped)
        parts: list[str] = []
        pieces: list[tuple[int, int]] = []
        length = 0
        piece, offset = stripped, begin
        end = start + len(raw)
        while True:
            match = continued.search(piece)
            kept = piece[: match.start()] if match else piece
            if kept:
                parts.append(kept)
                pieces.append((length, offset))
                length += len(kept)
                end = offset + len(kept)
            if not match:
                break
            # Comments and empty lines inside an instruction are skipped, and the instruction goes on.
            while at < len(physical) and _skipped(physical[at][1]):
                at += 1
            if at >= len(physical):
                break
            offset, piece = physical[at]
            at += 1
        line = LogicalLine(text=Text("".join(parts), source, pieces or [(0, begin)]), start=begin, end=end)
        lines.append(line)
        at = _heredocs(line, physical, at, source, path)
    return Lines(directives=directives, escape=escape, lines=lines)


def _skipped(raw: str) -> bool:
    stripped = raw.lstrip(" \t")
    return not stripped or stripped.startswith("#")


def _physical(text: str) -> list[tuple[int, str]]:
    """Return (offset, line without its end) for each line."""
    lines = []
    offset = 0
    for raw in text.split("\n"):
        lines.append((offset, raw.removesuffix("\r")))
        offset += len(raw) + 1
    return lines


def _directives(physical: list[tuple[int, str]], path: str) -> tuple[dict[str, str], int]:
    """Read `# name=value` lines at the top; the first line that is none ends them."""
    found: dict[str, str] = {}
    at = 1 if physical and physical[0][1].lstrip("\ufeff").startswith("#!") else 0
    first = at
    for index in range(first, len(physical)):
        match = _DIRECTIVE.match(physical[index][1].lstrip("\ufeff").strip())
        if not match or match[1].lower() not in _KNOWN or match[1].lower() in found:
            break
        found[match[1].lower()] = match[2]
        at = index + 1
    if found.get("escape", "\\") not in {"\\", "`"}:
        raise ParseError(
            f"the escape directive must be a backslash or a backtick, not {found['escape']!r}", path=path, line=at
        )
    return found, at


def _heredocs(line: LogicalLine, physical: list[tuple[int, str]], at: int, source: Source, path: str) -> int:
    """Read the heredocs that `line` announces, and return the index of the next physical line."""
    text = line.text.text
    keyword = _KEYWORD.match(text)
    if not keyword or "<<" not in text:
        return at
    for match in list(_HEREDOC.finditer(text, keyword.end()))[:_MAX_HEREDOCS]:
        if _in_quotes(text, match.start()):
            continue
        name = match[2] or match[3] or match[4]
        first = at
        while at < len(physical):
            raw = physical[at][1]
            if (raw.lstrip("\t") if match[1] else raw) == name:
                break
            at += 1
        else:
            number, column = source.position(line.text.offset(match.start()))
            raise ParseError(
                f"the heredoc {name!r} has no end",
                path=path,
                line=number,
                column=column,
                hint=f"put a line with nothing but {name} behind its last line",
            )
        begin = physical[first][0]
        body = source.text[begin : physical[at][0]]
        line.heredocs.append(Heredoc(name=name, expand=match[4] is not None, body=Text(body, source, [(0, begin)])))
        line.end = physical[at][0] + len(physical[at][1])
        at += 1
    return at


def _in_quotes(text: str, index: int) -> bool:
    """Whether `index` stands inside a quoted string of a shell line."""
    quote = ""
    at = 0
    while at < index:
        char = text[at]
        if char == "\\" and quote != "'":
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        at += 1
    return bool(quote)
