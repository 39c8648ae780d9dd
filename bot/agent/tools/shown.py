"""Text of files and commands as the model is shown it: what a person would not see is marked or left out."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from bot.model.untrusted import visible

_DOCUMENTS: Final = frozenset({".md", ".markdown", ".mdx", ".rst", ".txt", ".adoc"})


def shown(text: str) -> str:
    """Return `text` with each invisible or reordering character as its code: nothing is hidden, nothing is lost."""
    if text.isascii():
        return text
    hidden = {ord(c): f"<U+{ord(c):04X}>" for c in set(text) if not c.isascii() and visible(f"a{c}") == "a"}
    return text.translate(hidden)


def shown_file(path: str, text: str) -> str:
    """Return a file's text; of a document only what its reader sees, since nobody needs what it hides."""
    if PurePosixPath(path).suffix.lower() not in _DOCUMENTS:
        return shown(text)
    seen = visible(text)
    return seen if seen == text else f"{seen}\n[text that its readers cannot see was left out]"
