"""Where the full text of a long tool output is kept, by the hash of its content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Protocol


class Artifacts(Protocol):
    """Keeps texts."""

    def keep(self, text: str) -> str:
        """Keep `text` and return its name: the same text has the same name."""
        ...


class NoArtifacts:
    """Keeps nothing."""

    def keep(self, text: str) -> str:
        """Return no name."""
        del text
        return ""


class ArtifactFolder:
    """Keeps each text as a file that only its owner may read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, text: str) -> str:
        """Write the text, once."""
        data = text.encode("utf-8", "replace")
        name = f"{hashlib.sha256(data).hexdigest()[:32]}.txt"
        place = self._folder / name
        if not place.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished = place.with_suffix(".part")
            unfinished.write_bytes(data)
            unfinished.chmod(0o600)
            unfinished.replace(place)
        return name
