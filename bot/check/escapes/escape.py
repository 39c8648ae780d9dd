"""One way out: which rule names it, where in the stack it is written, and the words."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Escape:
    """What a stack asks for that leaves its box.

    Attributes:
        rule: The rule's name, such as `escape-privileged`.
        keys: The way to it in the compose file, such as `("services", "web", "volumes", 0)`.
        message: What it is and what it leads to.
    """

    rule: str
    keys: Keys
    message: str


@dataclass(frozen=True, slots=True)
class Box:
    """The tree that a stack must stay in."""

    root: Path
    folder: Path  # where relative paths start: the folder of the compose file

    def place(self, path: str) -> str:
        """Return where `path` really is on this machine, symlinks and `~` followed."""
        if path.startswith("~"):
            path = f"{Path.home()}{path[1:]}" if path[1:2] in {"", "/"} else f"/home/{path[1:]}"
        try:
            return os.path.realpath(self.folder / path)
        except (OSError, ValueError):
            return "/"

    def shown(self, path: str) -> str:
        """Return `path` as a person wrote it: relative to the compose file, without this machine's folders."""
        if not path.startswith(f"{self.root}/"):
            return path
        return os.path.relpath(path, self.folder)

    def holds(self, path: str) -> bool:
        """Whether `path` lies in the tree."""
        root = os.path.realpath(self.root)
        place = self.place(path)
        return place == root or place.startswith(root.rstrip("/") + "/")


def services(config: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the services that are mappings."""
    for name, service in mapping(config.get("services")).items():
        if isinstance(service, Mapping):
            yield str(name), service


def mapping(value: object) -> Mapping[str, Any]:
    """Return a mapping as it is, anything else as an empty one."""
    return value if isinstance(value, Mapping) else {}


def listed(value: object) -> list[Any]:
    """Return a list as it is, one value as a list of it, nothing as an empty list."""
    if isinstance(value, list | tuple):
        return list(value)
    return [] if value is None or isinstance(value, Mapping) else [value]


def yes(value: object) -> bool:
    """Whether a switch is on, as compose reads it."""
    return value is True or (isinstance(value, str) and value.strip().lower() in {"true", "yes", "y", "on", "1"})


def word(value: object) -> str:
    """Return a value as lower-case text; "" for none, and for a variable nobody here knows."""
    text = "" if value is None or isinstance(value, Mapping | list) else str(value).strip().lower()
    return "" if "${" in text else text
