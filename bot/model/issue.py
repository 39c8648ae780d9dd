"""The issue that asks for infrastructure, as text we were given; untrusted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Title and Markdown body; `number` is 0 for an issue read from a file."""

    title: str
    body: str = ""
    number: int = 0

    @property
    def slug(self) -> str:
        """A branch-name part: lower-case ASCII words of the title, at most 48 characters, never empty."""
        kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in self.title.lower())
        words = "-".join(part for part in kept.split("-") if part)[:48].strip("-")
        stem = words or "infrastructure"
        return f"{self.number}-{stem}" if self.number else stem
