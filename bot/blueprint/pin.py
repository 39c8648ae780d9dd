"""Pins: every version that scaffolds fix, and what the newest one says about each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Final, Literal

from bot.blueprint.library import Library, read_toml

Kind = Literal["action", "image", "npm", "pypi"]
State = Literal["current", "behind", "unknown"]

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)*")
_ASKED: Final = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One version that is fixed: of an image (as far as its tag goes), an action, a package (as its lock file has it).

    Attributes:
        kind: Who would know a newer one.
        name: The image's name, or the package's.
        version: What is fixed; "" for a tag without a number.
        skills: Whose lock files fix it, sorted; () for an image or action, which any skill may use.
        source: Where a person looks it up.
        looked_at: When somebody last did, as a date.
    """

    kind: Kind
    name: str
    version: str
    skills: tuple[str, ...] = ()
    source: str = ""
    looked_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A pin beside the newest version; `why` says what is not known."""

    pin: Pin
    state: State
    newest: str = ""
    why: str = ""


def pins(library: Library, folder: Path) -> tuple[Pin, ...]:
    """Return all pins: images and actions of `folder`/versions.toml, then the packages that applications name."""
    told = read_toml(folder / "versions.toml")
    found = [
        Pin(kind="image", name=name, version=number, source=entry["source"], looked_at=str(entry["looked_at"]))
        for entry in told["images"].values()
        for name, number in [_image(entry["reference"])]
    ]
    found += [
        Pin(
            kind="action",
            name=entry["name"],
            version=entry["version"],
            source=entry["source"],
            looked_at=str(entry["looked_at"]),
        )
        for entry in told.get("actions", {}).values()
    ]
    packages: dict[tuple[Kind, str, str], set[str]] = {}
    for skill in library.skills.values():
        for kind, name, version in (
            *_npm(skill.files),
            *_pypi(skill.files),
        ):
            packages.setdefault((kind, name, version), set()).add(skill.name)
    for (kind, name, version), skills in sorted(packages.items()):
        where = told["packages"][kind]
        pin = Pin(
            kind=kind,
            name=name,
            version=version,
            skills=tuple(sorted(skills)),
            source=where["source"].format(name=name),
            looked_at=str(where["looked_at"]),
        )
        found.append(pin)
    return tuple(found)


def standing(pin: Pin, newest: str, *, why: str) -> Standing:
    """Judge `pin` by the newest version, as far as the pin goes: 3.12 is behind 3.13 and not behind 3.12.9.

    `why` is the reason to give where `newest` is "".
    """
    if not newest:
        return Standing(pin=pin, state="unknown", why=why)
    if not pin.version:
        return Standing(pin=pin, state="unknown", newest=newest, why="the pin has no number to compare")
    fixed, known = _numbers(pin.version), _numbers(newest)
    pairs = list(zip_longest(fixed, known, fillvalue=0))[: len(fixed)]
    behind = [number for number, _ in pairs] < [number for _, number in pairs]
    return Standing(pin=pin, state="behind" if behind else "current", newest=newest)


def _numbers(version: str) -> tuple[int, ...]:
    number = _NUMBER.search(version)
    return tuple(int(part) for part in number[0].split(".")) if number else ()


def _image(reference: str) -> tuple[str, str]:
    name, _, tag = reference.partition(":")
    number = _NUMBER.search(tag)
    return name, number[0] if number else ""


def _npm(files: Mapping[str, bytes]) -> list[tuple[Kind, str, str]]:
    """Return what lock files of npm have at the top: not what the dependencies bring with them."""
    found: list[tuple[Kind, str, str]] = []
    for path, content in files.items():
        if path.startswith("lock/") and path.endswith("package-lock.json"):
            packages = json.loads(content)["packages"]
            wanted = {**packages[""].get("dependencies", {}), **packages[""].get("devDependencies", {})}
            found += [("npm", name, packages[f"node_modules/{name}"]["version"]) for name in wanted]
    return found


def _pypi(files: Mapping[str, bytes]) -> list[tuple[Kind, str, str]]:
    """Return what `lock/*.in` asks for, with the version that the list beside it resolved it to."""
    found: list[tuple[Kind, str, str]] = []
    for path, content in files.items():
        if path.startswith("lock/") and path.endswith(".in"):
            resolved = files[f"{path.removesuffix('.in')}.txt"].decode()
            for asked in _ASKED.finditer(content.decode()):
                name = re.escape(asked["name"])
                if fixed := re.search(rf"^{name}(?:\[[^]]*\])?==([^\s;\\]+)", resolved, re.MULTILINE | re.IGNORECASE):
                    found.append(("pypi", asked["name"].lower(), fixed[1]))
    return found
