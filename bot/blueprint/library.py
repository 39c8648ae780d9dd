"""The library of skills, read once from `prompts/`: the only reader of template files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

from bot.blueprint.skill import Host, Lock, Offer, Part, Service, Skill, Variable
from bot.errors import InvalidValueError


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """All skills that render, by folder name; by key, the images they use, and actions with version and commit."""

    skills: Mapping[str, Skill]
    images: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)

    def find(self, part: Part, name: str) -> Skill | None:
        """Return the skill that plays `part` for the canonical `name`, or None where there is none."""
        return next((skill for skill in self.skills.values() if name in skill.names.get(part, ())), None)


def prompts_folder() -> Path:
    """Return the folder with skills and versions: inside the installed package, or beside `bot/` in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_prompts"
    return installed if installed.is_dir() else package.parent / "prompts"


@cache
def shipped() -> Library:
    """Return the library that is part of this installation."""
    return read_library(prompts_folder())


def read_library(folder: Path) -> Library:
    """Read `versions.toml` and every `skills/*/skill.toml` below `folder`.

    Raises:
        InvalidValueError: a skill does not have the shape it should have.
    """
    versions = read_toml(folder / "versions.toml")
    images = {key: str(entry["reference"]) for key, entry in versions["images"].items()}
    actions = {
        key: (str(entry["name"]), str(entry["version"]), str(entry["commit"]))
        for key, entry in versions.get("actions", {}).items()
    }
    found = sorted((folder / "skills").glob("*/skill.toml"))
    return Library(skills={path.parent.name: _skill(path.parent) for path in found}, images=images, actions=actions)


def _skill(folder: Path) -> Skill:
    told = read_toml(folder / "skill.toml")
    try:
        return Skill(
            name=folder.name,
            title=told["title"],
            names={cast("Part", part): tuple(names) for part, names in told.get("plays", {}).items()},
            directory=told.get("directory", ""),
            supports={cast("Part", part): tuple(names) for part, names in told.get("supports", {}).items()},
            requires={cast("Part", part): name for part, name in told.get("requires", {}).items()},
            offers={cast("Part", part): _offer(offer) for part, offer in told.get("offers", {}).items()},
            services=tuple(_service(service) for service in told.get("services", ())),
            volumes=told.get("volumes", {}),
            variables=tuple(Variable(**variable) for variable in told.get("variables", ())),
            development=tuple(told.get("development", ())),
            test=told.get("test", {}),
            domain=told.get("domain", ""),
            unlocked=told.get("unlocked", ""),
            locks=tuple(Lock(**lock) for lock in told.get("locks", ())),
            host=_host(told["host"]) if "host" in told else None,
            files=_files(folder, told.get("includes", ())),
        )
    except (KeyError, TypeError) as error:
        raise InvalidValueError(
            f"The skill `{folder.name}` is not written as a skill should be: {error}.",
            hint=f"mend {folder.name}/skill.toml; bot/blueprint/skill.py says what each key means",
        ) from error


def _offer(told: Mapping[str, Any]) -> Offer:
    return Offer(
        ready=told.get("ready", ""),
        environment=told.get("environment", {}),
        volumes=tuple(told.get("volumes", ())),
    )


def _service(told: Mapping[str, Any]) -> Service:
    return Service(
        name=told["name"],
        when=told.get("when", ""),
        links=tuple(told.get("links", ())),
        after=told.get("after", {}),
        command=tuple(told.get("command", ())),
        port=told.get("port", 0),
        uid=told.get("uid", 0),
        gid=told.get("gid", 0),
    )


def _host(told: Mapping[str, Any]) -> Host:
    lists = {name: tuple(told.get(name, ())) for name in ("packages", "build")}
    when = {condition: tuple(names) for condition, names in told.get("packages_when", {}).items()}
    return Host(**{**told, **lists, "packages_when": when})


def _files(folder: Path, includes: Iterable[str]) -> dict[str, bytes]:
    """Read the files of a skill, on top of those of the folders it includes (what several frameworks share)."""
    files: dict[str, bytes] = {}
    for source in (*(folder.parent / name for name in includes), folder):
        paths = sorted(path for path in source.rglob("*") if path.is_file())
        files |= {path.relative_to(source).as_posix(): path.read_bytes() for path in paths}
    return files


def read_toml(path: Path) -> dict[str, Any]:
    """Return what the TOML file at `path` says.

    Raises:
        InvalidValueError: it is not TOML; the message says where.
    """
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except tomllib.TOMLDecodeError as error:
        raise InvalidValueError(f"{path.name} of {path.parent.name} is not TOML: {error}.") from error
