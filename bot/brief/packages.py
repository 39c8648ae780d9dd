"""Reads package lists of every ecosystem: a dependency is the plainest word on a framework or a driver."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from bot.brief.deployments import Reader, manifest_mention
from bot.brief.lexicon import data
from bot.brief.mention import Mention

_KEY: Final = re.compile(r"[\"']([A-Za-z0-9_.@/-]+)[\"']\s*:")
_REQUIREMENT: Final = re.compile(r"\s*[\"']?([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*(?:[=<>~!^]|[\"',;]|$|@|\s#)")
_GEM: Final = re.compile(r"\s*gem\s+[\"']([\w-]+)[\"']")
_COMPOSER: Final = re.compile(r"\s*[\"']([\w./-]+)[\"']\s*:")
_CRATE: Final = re.compile(r"\s*([a-z0-9_-]+)\s*=\s*")
_ARTIFACT: Final = re.compile(r"<artifactId>\s*([\w.-]+)\s*</artifactId>|[\"'][\w.-]+:([\w.-]+)(?::[^\"']*)?[\"']")
_MODULE: Final = re.compile(r"\s*(?:require\s+)?((?:[\w.-]+\.)+\w+/[\w./-]+?)(?:/v\d+)?\s+v\d")


def read_requirements(path: str, text: str) -> Iterator[Mention]:
    """Yield what a requirements file, or a TOML list of requirements, names."""
    yield from _each(_REQUIREMENT, path, text)


def read_dotnet(path: str, text: str) -> Iterator[Mention]:
    """Yield what a .NET project file names."""
    for number, line in enumerate(text.split("\n"), 1):
        if "Microsoft.NET.Sdk.Web" in line:
            yield manifest_mention("aspnet-core", path, number, line)
        if "Npgsql" in line:
            yield manifest_mention("postgresql", path, number, line)


def _each(pattern: re.Pattern[str], path: str, text: str) -> Iterator[Mention]:
    for number, line in enumerate(text.split("\n"), 1):
        match = pattern.match(line)
        name = _names().get(match[1].lower()) if match else None
        if name:
            yield manifest_mention(name, path, number, line)


def _listed(pattern: re.Pattern[str]) -> Reader:
    return lambda path, text: _each(pattern, path, text)


def _package_json(path: str, text: str) -> Iterator[Mention]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return  # not a package list; a build will say so far better
    wanted: set[str] = set()
    for key in ("dependencies", "devDependencies"):
        group = parsed.get(key) if isinstance(parsed, dict) else None
        wanted |= set(group) if isinstance(group, dict) else set()
    if wanted & {"react-native", "expo", "electron"}:
        wanted.discard("react")
    for number, line in enumerate(text.split("\n"), 1):
        for match in _KEY.finditer(line):
            if match[1] in wanted and match[1] in _names():
                yield manifest_mention(_names()[match[1]], path, number, line)


def _artifacts(path: str, text: str) -> Iterator[Mention]:
    for number, line in enumerate(text.split("\n"), 1):
        for match in _ARTIFACT.finditer(line):
            name = _names().get((match[1] or match[2]).lower())
            if name:
                yield manifest_mention(name, path, number, line)


def _modules(path: str, text: str) -> Iterator[Mention]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("module "):
            yield manifest_mention("go", path, number, line, weight=0.8)
        match = _MODULE.match(line)
        if match:
            for known, name in _names().items():
                if "/" in known and match[1].startswith(known):
                    yield manifest_mention(name, path, number, line)


@cache
def _names() -> dict[str, str]:
    return {package: name for name, packages in data("packages.toml")["dependency"].items() for package in packages}


PACKAGE_LISTS: Final[dict[str, Reader]] = {
    "package.json": _package_json,
    "composer.json": _listed(_COMPOSER),
    "pyproject.toml": read_requirements,
    "Pipfile": read_requirements,
    "Gemfile": _listed(_GEM),
    "Cargo.toml": _listed(_CRATE),
    "pom.xml": _artifacts,
    "build.gradle": _artifacts,
    "build.gradle.kts": _artifacts,
    "go.mod": _modules,
}
