"""Text that was joined from pieces of a file, and still knows where each character stands in it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Protocol

from bot.parse.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word of an instruction or a command.

    Attributes:
        value: Quotes and escapes removed; variables are left as they are written.
        raw: As written, line continuations left out.
        start: 0-based character offset in the file, inclusive.
        end: 0-based offset, exclusive.
        line: 1-based.
        column: 1-based.
    """

    value: str
    raw: str
    start: int
    end: int
    line: int
    column: int


class Positions(Protocol):
    """Whatever knows the line and column of an offset; a `bot.parse.source.Source` does."""

    def position(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column of a 0-based character offset."""
        ...


class _Anchored:
    """Positions in a word's value, told as those of the file around it."""

    __slots__ = ("_inner", "_start", "_word_column", "_word_line")

    def __init__(self, text: str, start: int, line: int, column: int) -> None:
        self._inner = Source("", text)
        self._start, self._word_line, self._word_column = start, line, column

    def position(self, offset: int) -> tuple[int, int]:
        line, column = self._inner.position(max(offset - self._start, 0))
        return self._word_line + line - 1, column + (self._word_column - 1 if line == 1 else 0)


class Text:
    """A run of characters made of contiguous pieces of a source: `pieces` are (index here, offset there), ascending."""

    __slots__ = ("_heres", "_theres", "source", "text")

    def __init__(self, text: str, source: Positions, pieces: list[tuple[int, int]]) -> None:
        self.text = text
        self.source = source
        self._heres = [here for here, _ in pieces] or [0]
        self._theres = [there for _, there in pieces] or [0]

    @classmethod
    def plain(cls, text: str) -> Text:
        """Return a text that is its own source, such as a command read from elsewhere."""
        return cls(text, Source("", text), [(0, 0)])

    @classmethod
    def within(cls, word: Word) -> Text:
        """Return a word's value as text, placed where it stands in the file.

        Positions are exact where the value stands unbroken in the word; whoever edits compares the file with `raw`.
        """
        inset = max(word.raw.find(word.value), 0)
        start = word.start + inset
        source = _Anchored(word.value, start, word.line, word.column + inset)
        return cls(word.value, source, [(0, start)])

    def offset(self, index: int) -> int:
        """Return the file offset of the character at `index`."""
        piece = bisect_right(self._heres, index) - 1
        return self._theres[piece] + index - self._heres[piece]

    def end_offset(self, index: int) -> int:
        """Return the file offset just behind the character before `index`."""
        return self.offset(index - 1) + 1 if index else self.offset(0)

    def slice(self, start: int, end: int) -> Text:
        """Return the part `start` to `end`, which keeps its place in the file."""
        first = bisect_right(self._heres, start) - 1
        last = bisect_right(self._heres, max(end - 1, start)) - 1
        pieces = [(0, self.offset(start))]
        pieces += [(self._heres[i] - start, self._theres[i]) for i in range(first + 1, last + 1)]
        return Text(self.text[start:end], self.source, pieces)

    def word(self, start: int, end: int, value: str | None = None) -> Word:
        """Return the word that stands from `start` to `end`, with `value` for its meaning."""
        offset = self.offset(start)
        line, column = self.source.position(offset)
        raw = self.text[start:end]
        return Word(
            value=raw if value is None else value,
            raw=raw,
            start=offset,
            end=self.end_offset(end) if end > start else offset,
            line=line,
            column=column,
        )
