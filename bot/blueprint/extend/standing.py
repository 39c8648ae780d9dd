"""The stack that is there: its file, its parts, and which of them an earlier run of ours wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bot.blueprint.choice import Choice
from bot.blueprint.extend.graft import CannotAddError, Graft
from bot.blueprint.extend.parts import played
from bot.blueprint.skill import PARTS, Part
from bot.errors import ParseError
from bot.model.brief import Brief
from bot.model.issue import Issue
from bot.parse.compose import NAMES
from bot.parse.source import Source, decode

_LARGEST: Final = 1_000_000  # bytes
_WORK: Final = re.compile(r"\bworkers?\b|\bbackground (?:job|task|work)|\bjob queue\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A compose file in `src/`.

    Attributes:
        path: Relative to the repository.
        text: What it says.
        graft: The same, ready to grow; None where it cannot be read, and `why` says why, as a clause.
        parts: The parts that each service plays, each with its canonical name, "" where that is open.
    """

    path: str
    text: str
    graft: Graft | None
    why: str
    parts: Mapping[str, tuple[tuple[Part, str], ...]]

    def plays(self, part: Part, name: str = "") -> bool:
        """Tell whether a service plays `part`, as `name` where that is given."""
        return any(one == part and (not name or called == name) for each in self.parts.values() for one, called in each)


def read_standing(root: Path) -> Standing | None:
    """Return the stack that is in `src/` below `root`; None where there is none."""
    for name in NAMES:
        path = root / "src" / name
        if path.is_file() and not path.is_symlink():
            return _read(root, f"src/{name}")
    return None


def _read(root: Path, path: str) -> Standing:
    file = root / path
    if file.stat().st_size > _LARGEST:
        return Standing(path=path, text="", graft=None, why="it is larger than 1 MB", parts={})

    def read(other: str) -> Source | None:
        inside = root / other
        if not inside.resolve().is_relative_to(root.resolve()) or not inside.is_file():
            return None
        return decode(other, inside.read_bytes())

    try:
        text = decode(path, file.read_bytes()).text
        graft = Graft(path, text, read)
    except (ParseError, CannotAddError) as error:
        text = file.read_bytes().decode("utf-8", "replace")
        return Standing(path=path, text=text, graft=None, why=str(error), parts={})
    return Standing(path=path, text=text, graft=graft, why="", parts=played(graft.stack))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """What to add: parts in the order of our own files, and extras by their canonical names."""

    parts: tuple[Part, ...] = ()
    extras: tuple[str, ...] = ()


def lacking(brief: Brief, issue: Issue, choice: Choice, standing: Standing) -> Lacking:
    """Return what no service there plays.

    What the issue names counts alone; where it names nothing at all, all that the documents ask for does.
    """
    named = _named(brief)
    asked = _asked(brief, issue, named)
    only = named.intersection(brief.extras)
    if asked is None and not only and (brief.wants_ci or brief.wants_mending):
        return Lacking()
    extras = tuple(
        name
        for name in choice.extras
        if not standing.plays("extra", name) and (name in only or (asked is None and not only))
    )
    if only and asked is None:
        return Lacking(extras=extras)
    parts: list[Part] = []
    for part in PARTS:
        wanted = part in choice.skills or part == "worker"
        if not wanted or standing.plays(part) or (asked is not None and part not in asked):
            continue
        # One Redis is both cache and queue, and is added once.
        if not any(
            choice.skills.get(part) is not None and choice.skills.get(one) is choice.skills[part] for one in parts
        ):
            parts.append(part)
    if "worker" in parts and not choice.names["worker"] and not (asked and "worker" in asked):
        parts.remove("worker")
    return Lacking(parts=tuple(parts), extras=extras)


def _named(brief: Brief) -> frozenset[str]:
    """Return the canonical names that the issue itself gives."""
    return frozenset(
        fact.value
        for fact in brief.facts
        if not fact.rejected and any(place.path == "issue" for place in fact.evidence) and fact.topic != "orchestrator"
    )


def _asked(brief: Brief, issue: Issue, values: frozenset[str]) -> frozenset[Part] | None:
    """Return the parts that the issue itself names; None where it names none."""
    named: dict[Part, tuple[str, ...]] = {
        "database": brief.databases,
        "cache": brief.caches,
        "queue": brief.queues,
        "backend": brief.backend,
        "worker": brief.workers,
        "frontend": brief.frontend,
        "proxy": (brief.proxy,) if brief.proxy else (),
    }
    parts: set[Part] = {part for part, names in named.items() if values.intersection(names)}
    if _WORK.search(f"{issue.title}\n{issue.body}"):
        # Work is handed over through a queue: where there is none yet, it comes with the worker.
        parts |= {"worker", "queue"}
    return frozenset(parts) if parts else None


def before(choice: Choice, standing: Standing) -> Choice:
    """Return `choice` with the parts alone that are there: what an earlier run of ours may have rendered."""
    skills = {part: skill for part, skill in choice.skills.items() if standing.plays(part)}
    names = {part: name if part in skills else "" for part, name in choice.names.items()}
    extras = {name: skill for name, skill in choice.extras.items() if standing.plays("extra", name)}
    return replace(choice, skills=skills, names=names, extras=extras)
