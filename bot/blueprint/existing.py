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

    A manifest with exactly the content that we would write, or wrote before, is ours, from a former run.
    """
    ours: dict[str, set[bytes]] = {}
    for file in files:
        ours.setdefault(file.path, set()).add(file.content)
    for name in _MANIFESTS:
        path = f"{directory}/{name}"
        manifest = root / path
        if manifest.is_file() and manifest.read_bytes() not in ours.get(path, ()):
            return path
    return ""


_NO_CODE: Final = frozenset(
    {"src", "node_modules", "docs", "examples", "example", "test", "tests", "vendor", "scripts"}
)
_STARTS: Final = ("manage.py", "go.mod", "composer.json", "requirements.txt", "pom.xml", "Gemfile", "Cargo.toml")


def outside(root: Path) -> tuple[str, ...]:
    """Return the manifests of applications beside `src/`: at the top, and one folder below it."""
    found = [name for name in _STARTS if (root / name).is_file()]
    package = root / "package.json"
    # A package at the top is often there for tools alone; one that can be started is an application.
    if package.is_file() and '"start"' in package.read_text(encoding="utf-8", errors="replace"):
        found.append("package.json")
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and not path.is_symlink()):
        if folder.name.startswith(".") or folder.name in _NO_CODE:
            continue
        manifest = next((name for name in _MANIFESTS if (folder / name).is_file()), "")
        if manifest:
            found.append(f"{folder.name}/{manifest}")
    return tuple(sorted(found))
