"""Reads manifests: package lists, compose files and deployment descriptions say what a project is really made of."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.brief.deployments import COMPOSE, DEPLOYMENTS, Reader, read_compose, read_dockerfile, read_kubernetes
from bot.brief.documents import read_inside
from bot.brief.mention import Mention
from bot.brief.packages import PACKAGE_LISTS, read_dotnet, read_requirements

# Code of others, and examples: they say nothing of the project itself.
_SKIP: Final = frozenset(
    {
        "node_modules",
        "vendor",
        "dist",
        "build",
        "venv",
        "__pycache__",
        "target",
        "templates",
        "tests",
        "test",
        "testdata",
    }
    | {"examples", "example", "fixtures"}
)
_DEEPEST: Final = 4
_MOST: Final = 60
_REQUIREMENTS: Final = re.compile(r"requirements[\w.-]*\.txt")


@dataclass(frozen=True, slots=True)
class Manifests:
    """What the manifests say, and which could not be read."""

    mentions: tuple[Mention, ...]
    notes: tuple[str, ...]


def read_manifests(root: Path) -> Manifests:
    """Read the manifests in `root`, four folders deep and at most 60, dependencies of others and examples left out."""
    mentions: list[Mention] = []
    notes: list[str] = []
    for path, reader in _walk(root):
        document, note = read_inside(root, path)
        if note:
            notes.append(note)
        if document:
            mentions += reader(document.path, document.text)
    return Manifests(tuple(mentions), tuple(notes))


def _walk(root: Path) -> Iterator[tuple[Path, Reader]]:
    count = 0
    for folder, folders, names in os.walk(root, followlinks=False):
        deep = len(Path(folder).relative_to(root).parts) >= _DEEPEST
        wanted = () if deep else sorted(name for name in folders if name not in _SKIP and not name.startswith("."))
        folders[:] = list(wanted)
        for name in sorted(names):
            reader = _reader(Path(folder, name))
            if reader is None:
                continue
            count += 1
            if count > _MOST:
                return
            yield Path(folder, name), reader


def _reader(path: Path) -> Reader | None:
    name = path.name
    if COMPOSE.fullmatch(name):
        return read_compose
    if _REQUIREMENTS.fullmatch(name):
        return read_requirements
    if name == "Dockerfile" or name.startswith("Dockerfile."):
        return read_dockerfile
    if name.endswith((".yaml", ".yml")) and path.parent.name in {"k8s", "kubernetes", "manifests"}:
        return read_kubernetes
    if name.endswith(".csproj"):
        return read_dotnet
    return PACKAGE_LISTS.get(name) or DEPLOYMENTS.get(name)
