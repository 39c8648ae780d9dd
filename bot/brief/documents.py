"""Finds and reads a repository's documents: bounded, inside the repository, and never failing on one bad file."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.brief.hidden import visible

LIMIT: Final = 2_000_000
_FOLDERS: Final = ("", "docs", "doc", ".autoflow/docs", ".autoflow")
_NAMES: Final = ("idea", "build_spec", "build-spec", "buildspec", "architecture", "spec", "prd")
_SUFFIXES: Final = frozenset({".md", ".markdown", ".txt"})
_FALLBACK: Final = ("readme",)
_LFS: Final = b"version https://git-lfs.github.com/spec/"  # how a pointer begins
_MODULE: Final = re.compile(r"^\s*path\s*=\s*(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """A document's path relative to the repository (`/`-separated) and its visible text."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Library:
    """The documents that were read, and what could not be, one sentence each."""

    documents: tuple[Document, ...]
    notes: tuple[str, ...]


def read_library(root: Path) -> Library:
    """Read IDEA, BUILD_SPEC and ARCHITECTURE in the root, `docs/` and `.autoflow/docs/` of `root`, else its README."""
    documents: list[Document] = []
    notes = _elsewhere(root)
    for names in (_NAMES, _FALLBACK):
        for folder in _FOLDERS:
            for path in _candidates(root / folder, names):
                document, note = read_inside(root, path)
                if document:
                    documents.append(document)
                if note:
                    notes.append(note)
        if documents:
            break
    return Library(tuple(documents), tuple(notes))


def _elsewhere(root: Path) -> list[str]:
    """Say which folders of documents are submodules: other repositories, which are not checked out."""
    modules, _ = read_inside(root, root / ".gitmodules")
    paths = {found.rstrip("/") for found in _MODULE.findall(modules.text)} if modules else set()
    return [
        f"`{folder}` is a submodule, another repository; the documents in it were not read."
        for folder in _FOLDERS
        if folder and any(folder == path or folder.startswith(f"{path}/") for path in paths)
    ]


def read_inside(root: Path, path: Path) -> tuple[Document | None, str]:
    """Read one text file of the repository; returns the document, or why it (or its end) was not read."""
    name = path.relative_to(root).as_posix()
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            return None, f"`{name}` leads out of the repository by a symbolic link; it was not read."
        text, note = read_text(path, name)
    except (OSError, RuntimeError) as error:
        return None, f"`{name}` could not be read: {_reason(error)}."
    return (Document(name, text) if text is not None else None), note


def read_text(path: Path, name: str) -> tuple[str | None, str]:
    """Return the visible text of the file at `path` (its first 2 MB), and a note where something is amiss.

    Raises:
        OSError: it cannot be opened or read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            return None, f"`{name}` is not a regular file; it was not read."
        data = file.read(LIMIT)
        size = status.st_size
    note = f"`{name}` has {size / 1e6:.0f} MB; only the first {LIMIT / 1e6:.0f} MB were read." if size > LIMIT else ""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return visible(data.decode("utf-16", errors="replace")), note
    if data.startswith(_LFS):
        return None, f"`{name}` is kept in Git LFS: git holds a pointer to it alone, so it was not read."
    if b"\0" in data[:8192]:
        return None, f"`{name}` is binary; it was not read."
    text = data.decode("utf-8-sig", errors="replace")
    if text.count("\ufffd") > 1 + len(text) // 10:
        return None, f"`{name}` is not text in UTF-8; it was not read."
    return visible(text), note


def _candidates(folder: Path, names: tuple[str, ...]) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return []
    wanted = [path for path in entries if path.suffix.lower() in _SUFFIXES and path.stem.lower() in names]
    return sorted(wanted, key=lambda path: names.index(path.stem.lower()))


def _reason(error: OSError | RuntimeError) -> str:
    return (
        (error.strerror or str(error)).lower()
        if isinstance(error, OSError)
        else "the symbolic link leads round in a circle"
    )
