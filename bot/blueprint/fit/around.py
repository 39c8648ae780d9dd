"""Building around what is there: applications are fitted, never scaffolded over; code elsewhere is named and left."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from bot.blueprint.choice import Choice, Missing
from bot.blueprint.existing import foreign_application, outside
from bot.blueprint.fit.application import Application, Unclear
from bot.blueprint.fit.read import read_application, with_dockerfile
from bot.blueprint.fit.skill import fitted
from bot.blueprint.fit.wires import Wires, wire
from bot.blueprint.library import Library
from bot.blueprint.skill import PARTS, RenderedFile
from bot.blueprint.template import fill
from bot.model.change import Decision, Kept

_FOLDERS: Final[tuple[Literal["backend", "frontend"], ...]] = ("backend", "frontend")


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The choice with applications that are there in their places, and what is said of it."""

    choice: Choice
    kept: tuple[Kept, ...] = ()
    decisions: tuple[Decision, ...] = ()
    confirm: tuple[str, ...] = ()


def around(choice: Choice, files: Iterable[RenderedFile], root: Path, library: Library) -> Around:
    """Return `choice` with each application below `root` in place of a scaffold; `files` are the scaffolds' own."""
    ours = tuple(files)
    kept: list[Kept] = []
    decisions: list[Decision] = []
    confirm: list[str] = []
    for part in _FOLDERS:
        folder = f"src/{part}"
        manifest = foreign_application(root, folder, ours)
        if not manifest:
            continue
        kept.append(Kept(path=folder, why=f"`{manifest}` shows an application; nothing was scaffolded over it"))
        found = _read(root / folder, part, library)
        if isinstance(found, Unclear):
            choice = _without(choice, part, f"`{folder}` already holds an application, and {found.why}")
            continue
        choice, wires = _with(choice, part, found, library)
        decisions.append(Decision(what=f"`{folder}` runs as it is", why="; ".join((f"`{manifest}`", *found.seen))))
        if part == "backend" and choice.names["worker"]:
            command = " ".join(found.worker)
            decisions.append(Decision(what="its worker runs beside it", why=f"`{folder}` starts it with `{command}`"))
        confirm += _open(found, wires, folder)
    kept += [
        Kept(path=path, why="it is application code outside `src/`: it was left alone, and the stack does not run it")
        for path in outside(root)
    ]
    return Around(choice=choice, kept=tuple(kept), decisions=tuple(decisions), confirm=tuple(confirm))


def _read(folder: Path, part: str, library: Library) -> Application | Unclear:
    found = read_application(folder, part)
    dockerfile = folder / "Dockerfile"
    if isinstance(found, Unclear) or not dockerfile.is_file():
        return found
    template = library.skills["fit"].files[f"dockerfile/{found.runtime}.j2"].decode()
    values = {"app": found, "images": library.images, "start": json.dumps(list(found.start))}
    content = dockerfile.read_bytes()
    # What a former run of ours wrote is no Dockerfile of theirs.
    return found if fill(template, values).encode() == content else with_dockerfile(found, content)


def _with(
    choice: Choice, part: Literal["backend", "frontend"], found: Application, library: Library
) -> tuple[Choice, Wires]:
    names = {**choice.names, part: choice.names[part] or found.framework}
    missing = tuple(one for one in choice.missing if one.part != part)
    skills = dict(choice.skills)
    if part == "backend" and names["worker"]:
        skills.pop("worker", None)
    if part == "backend" and names["worker"] and not found.worker:
        why = "nothing in the code of `src/backend` says how its worker is started"
        missing += (Missing(part="worker", name=names["worker"], why=why),)
        names["worker"] = ""
    offered = {name: dict(skill.offers[name].environment) for name, skill in skills.items() if name in skill.offers}
    wires = wire(found, offered, names)
    skills[part] = fitted(found, part, wires, names, library)
    ordered = {name: skills[name] for name in PARTS if name in skills}
    return replace(choice, skills=ordered, names=names, missing=missing), wires


def _without(choice: Choice, part: Literal["backend", "frontend"], why: str) -> Choice:
    name = choice.names[part] or next((one.name for one in choice.missing if one.part == part), part)
    missing = (*(one for one in choice.missing if one.part != part), Missing(part=part, name=name, why=why))
    skills = {name: skill for name, skill in choice.skills.items() if name != part}
    return replace(choice, skills=skills, names={**choice.names, part: ""}, missing=missing)


def _open(found: Application, wires: Wires, folder: str) -> Iterable[str]:
    if not found.health and b"HEALTHCHECK" not in found.own_dockerfile:
        yield f"`{folder}` has no health page that could be found: its check only sees that port {found.port} is open."
    unlocked = found.runtime == "php" and "composer.lock" not in found.manifests
    if unlocked or (found.install and "install --no-audit" in found.install[-1]):
        yield f"`{folder}` has no lock file: each build may install other versions. Commit one."
    if wires.unknown:
        names = ", ".join(f"`{name}`" for name in wires.unknown[:8])
        yield f"`{folder}` also reads {names}, without a default: set what it needs in `src/docker-compose.yml`."
