"""Text from strangers, reduced to what a person sees when GitHub renders it."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Characters that render as nothing, beyond Unicode's format category (zero-width, bidi, tags, soft hyphen).
_INVISIBLE: Final = frozenset(
    (
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0),
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE0F),  # U+FE0F stays: it makes ordinary signs emoji
        *range(0xE0000, 0xE1000),
    )
)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# A comment that never ends hides all that follows: browsers read it so.
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_FENCE_OR_INSTRUCTION: Final = re.compile(
    r"^ {0,3}(?P<fence>`{3,}|~{3,})[^\n]*(?:\n.*?(?:^ {0,3}(?P=fence)[`~]*[ \t]*$|\Z)|\Z)|<\?.*?\?>",
    re.DOTALL | re.MULTILINE,
)
# `[//]: # (words)`: a link reference that nothing refers to, used as a comment.
_REFERENCE: Final = re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]*(?:#|<>)[ \t]*(?:\"[^\n]*|'[^\n]*|\([^\n]*)$", re.MULTILINE)


def visible(text: str) -> str:
    """Return `text` without what its reader cannot see; lines keep their numbers.

    Removed are HTML comments (also within code blocks: a stranger must not choose which of our readers sees them),
    CDATA sections, processing instructions outside of code blocks, reference-style comments, and invisible or
    reordering characters. Applying it twice changes nothing more.
    """
    shown = _CONTROLS.sub("", text)
    if not shown.isascii():
        shown = "".join(map(_shown, shown))
    shown = _COMMENT.sub(_only_lines, shown)
    shown = _FENCE_OR_INSTRUCTION.sub(lambda found: found[0] if found["fence"] else _only_lines(found), shown)
    return _REFERENCE.sub("", shown)


def _shown(character: str) -> str:
    """Return the character, or "" for one that renders as nothing; separators that only some readers know: a space."""
    if character.isascii():
        return character
    category = unicodedata.category(character)
    if category in {"Zl", "Zp"}:
        return " "
    return "" if category in {"Cf", "Cc", "Cs", "Co", "Cn"} or ord(character) in _INVISIBLE else character


def _only_lines(found: re.Match[str]) -> str:
    """Return the line breaks of what was found, or a space: its neighbours must not join to something new."""
    return "".join(c for c in found[0] if c in "\r\n") or " "
