"""A folder of source files, as a reader sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from posixpath import basename
from typing import Final

# What is not the application: installed, built, or only there to test it.
_SKIPPED: Final = re.compile(
    r"(?:^|/)(?:node_modules|vendor|dist|build|out|coverage|tests?|__tests__|__mocks__|e2e|cypress|docs?|fixtures"
    r"|venv|env|site-packages|migrations|\.[^/]+)/"
    r"|(?:^|/)(?:test_[^/]*|[^/]*(?:\.test|\.spec|_test|\.d|\.stories)\.[a-z]+|conftest\.py)$"
)
_MAX_SOURCE: Final = 500_000
_MAX_FILES: Final = 3_000


@dataclass(frozen=True, slots=True, eq=False)
class Folder:
    """Files below one folder.

    Attributes:
        paths: Relative to the folder, `/`-separated, sorted.
        reader: Gives a file's decoded text, or None where it has none.
    """

    paths: tuple[str, ...]
    reader: Callable[[str], str | None] = field(repr=False)
    _known: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", frozenset(self.paths))

    @classmethod
    def of(cls, files: Mapping[str, str]) -> Folder:
        """Return a folder that holds `files`."""
        return cls(tuple(sorted(files)), files.get)

    def __contains__(self, path: object) -> bool:
        return path in self._known

    def text(self, path: str) -> str | None:
        """Return a file's text, or None where there is none."""
        return self.reader(path)

    def has_folder(self, path: str) -> bool:
        """Whether a folder of this path holds any file; the folder itself always does."""
        prefix = path.strip("/") + "/"
        return prefix in {"/", "./"} or any(each.startswith(prefix) for each in self.paths)

    def sources(self, *endings: str) -> Iterable[tuple[str, str]]:
        """Yield (path, text) of the application's own source files with these endings; not tests, not what is built."""
        count = 0
        for path in self.paths:
            if path.endswith(endings) and not _SKIPPED.search(path):
                count += 1
                text = self.reader(path)
                if text is not None and len(text) <= _MAX_SOURCE and count <= _MAX_FILES:
                    yield path, text

    def named(self, *names: str) -> list[str]:
        """Return the paths of files with one of these names, nearest to the top first; installed ones left out."""
        found = [path for path in self.paths if basename(path) in names and not _SKIPPED.search(path)]
        return sorted(found, key=lambda path: (path.count("/"), path))
