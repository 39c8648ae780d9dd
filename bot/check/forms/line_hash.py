"""The fingerprint by which GitHub's code scanning knows a line again after lines above it moved."""

from __future__ import annotations

import re
from typing import Final

from bot.parse.source import Source

_WINDOW: Final = 100
_FACTOR: Final = 37
_BITS: Final = (1 << 64) - 1
_END: Final = "\uffff"
_LONGEST: Final = 2_000_000


class LineHashes:
    """Hashes of the lines of one file, as code scanning makes them for an upload that has none.

    A line's hash covers the hundred characters from its beginning on, blanks left out; lines that look alike are
    numbered. Ours must equal those: an upload through the API gets none added, and would repeat every alert.
    """

    def __init__(self, source: Source) -> None:
        """Read the file once."""
        text = re.sub(r"\r\n?", "\n", source.text).replace(" ", "").replace("\t", "") + _END
        # The hash is defined over UTF-16 units: a character outside the basic plane counts as two.
        units = text.encode("utf-16-le", errors="surrogatepass")
        self._units = [low | high << 8 for low, high in zip(units[::2], units[1::2], strict=True)]
        self._starts = [0, *(at + 1 for at, unit in enumerate(self._units) if unit == ord("\n"))]

    @classmethod
    def of(cls, source: Source | None) -> LineHashes | None:
        """Return the hashes, or None where there is no file or it is too long to be worth the time."""
        return cls(source) if source is not None and len(source.text) <= _LONGEST else None

    def line(self, number: int) -> str:
        """Return the fingerprint of line `number` (1-based), or "" where there is no such line."""
        if not 1 <= number <= len(self._starts):
            return ""
        window = self._window(number - 1)
        total = 0
        for unit in window + [0] * (_WINDOW - len(window)):
            total = (total * _FACTOR + unit) & _BITS
        alike = sum(self._window(earlier) == window for earlier in range(number))
        return f"{total:x}:{alike}"

    def _window(self, index: int) -> list[int]:
        start = self._starts[index]
        return self._units[start : start + _WINDOW]
