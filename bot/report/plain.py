"""Untrusted text made visible: no terminal codes, no control, bidirectional or invisible characters."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# CSI, OSC (ended by BEL or ST) and the two-character sequences: what terminals obey and a report must not pass on.
_ANSI: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])"
)
# Letters and marks by category, yet drawn as nothing: they could hide words as zero-width characters do.
_BLANK_LETTERS: Final = re.compile("[\u115f\u1160\u2800\u3164\uffa0\U000e0100-\U000e01ef]")


def line(text: str, *, limit: int = 0) -> str:
    """Return `text` on one line: white space runs become a space, what cannot be seen is shown as its escape.

    `limit` (0: none) bounds the result's length; a cut is marked by an ellipsis.
    """
    if limit:
        text = text[: 4 * limit + 64]  # bounds the work on huge input; the cut below is the one that shows
    return clip(" ".join(_shown(_ANSI.sub("", text)).split()), limit)


def lines(text: str) -> str:
    """Return `text` with its line breaks (LF, CR LF and the CR of progress bars) and tabs; all else as in `line`."""
    unified = _ANSI.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(_shown(part).rstrip() for part in unified.split("\n"))


def sentence(words: str) -> str:
    """Return `words` with one full stop at their end, unless they end with another mark."""
    stripped = words.strip()
    return stripped if not stripped or stripped[-1] in ".!?…" else f"{stripped}."


def clause(words: str) -> str:
    """Return a sentence for the middle of another: without full stop, its first letter small unless it is a name."""
    stripped = words.strip().rstrip(".") or words.strip()
    plainly = re.match(r"[A-Z][a-z]* [a-z`]|A [a-z`]", stripped)
    return stripped[0].lower() + stripped[1:] if plainly else stripped


def clip(text: str, limit: int) -> str:
    """Return `text`, at most `limit` characters long (0: no limit), a cut marked by an ellipsis."""
    if not limit or len(text) <= limit:
        return text
    return f"{text[: limit - 1].rstrip()}…"


def _shown(text: str) -> str:
    if text.isprintable() and not _BLANK_LETTERS.search(text):
        return text
    return text.translate(_VISIBLE)


class _Visible(dict[int, str]):
    """Code points and how each is shown, filled as they come: one look-up a character, whatever the text."""

    def __missing__(self, code: int) -> str:
        self[code] = shown = _visible(chr(code))
        return shown


_VISIBLE: Final = _Visible()


def _visible(character: str) -> str:
    if character in "\t\n" or (character.isprintable() and not _BLANK_LETTERS.match(character)):
        return character
    if character in "\r\v\f" or unicodedata.category(character) == "Zs":
        return " "
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
