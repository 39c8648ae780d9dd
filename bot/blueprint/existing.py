"""Applications that are there already: what makes a folder one, so that nothing is scaffolded over it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bot.blueprint.skill import RenderedFile

_MANIFESTS: Final = (
    "package.json",
    "composer.json",
    "pyproject.toml",
    "requirements.txt",
    "manage.py",
    "go.mod",
    "Gemfile",
    "pom.xml",
    "build.gradle",
    "Cargo.toml",
)


def foreign_application(root: Path, directory: str, files: Iterable[RenderedFile]) -> str:
    """Return the path of the manifest that shows that `directory` holds somebody else's application, or "".

    A manifest with exactly the content that we would write is ours, from a former run.
    """
    ours = {file.path: file.content for file in files}
    for name in _MANIFESTS:
        path = f"{directory}/{name}"
        manifest = root / path
        if manifest.is_file() and manifest.read_bytes() != ours.get(path):
            return path
    return ""
