"""Text of one file, and positions in it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from bot.errors import ParseError


@dataclass(frozen=True, eq=False)
class Source:
    """One decoded file.

    Attributes:
        path: Relative to the checked tree, `/`-separated.
        text: The whole file, decoded; line ends and a byte order mark are kept, so offsets are true.
    """

    path: str
    text: str = field(repr=False)
    # What a parser made of it, by the parser's name: each file is parsed once, whoever asks.
    parsed: dict[str, object] = field(default_factory=dict, repr=False)

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Offsets at which lines begin; line 1 is the first."""
        starts = [0]
        found = self.text.find("\n")
        while found >= 0:
            starts.append(found + 1)
            found = self.text.find("\n", found + 1)
        return tuple(starts)

    @property
    def newline(self) -> str:
        r"""The line end this file uses: `\r\n` where its first line does, else `\n`."""
        end = self.text.find("\n")
        return "\r\n" if end > 0 and self.text[end - 1] == "\r" else "\n"

    def position(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column of a 0-based offset in characters."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return line `number` (1-based) without its end; "" where there is none."""
        if not 1 <= number <= len(self.line_starts):
            return ""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def span(self, start: int, end: int) -> Span:
        """Return the span of the characters `start` to `end` (exclusive)."""
        return Span(self, start, end)

    def line_span(self, number: int) -> Span:
        """Return the span of line `number` without its indentation and its end."""
        text = self.line(number)
        start = self.line_starts[min(max(number, 1), len(self.line_starts)) - 1]
        return Span(self, start + len(text) - len(text.lstrip()), start + len(text.rstrip()))


@dataclass(frozen=True, slots=True)
class Span:
    """The characters `start` to `end` (exclusive, 0-based) of a source."""

    source: Source
    start: int
    end: int

    @property
    def path(self) -> str:
        """The file, relative to the checked tree."""
        return self.source.path

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        """1-based first line."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """1-based column of the first character."""
        return self.source.position(self.start)[1]

    @property
    def end_line(self) -> int:
        """1-based line of the end."""
        return self.source.position(self.end)[0]

    @property
    def end_column(self) -> int:
        """1-based column after the last character."""
        return self.source.position(self.end)[1]


def decode(path: str, data: bytes) -> Source:
    """Decode a text file: UTF-8, with or without byte order mark.

    Raises:
        ParseError: not UTF-8; the position is that of the first bad byte.
    """
    try:
        return Source(path, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8", "replace")
        line = good.count("\n") + 1
        raise ParseError(
            f"{path} is not UTF-8 text: byte {data[error.start]:#04x} at line {line}",
            path=path,
            line=line,
            column=len(good) - (good.rfind("\n") + 1) + 1,
            hint="save the file as UTF-8",
        ) from error
