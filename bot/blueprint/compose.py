"""The compose file: the service graph as text, in a stable order, with the comments of each skill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast

from bot.blueprint.choice import Choice
from bot.blueprint.condition import holds
from bot.blueprint.fit.application import Application
from bot.blueprint.graph import Node, distinct, nodes
from bot.blueprint.library import Library
from bot.blueprint.skill import RenderedFile, Skill, Variable
from bot.blueprint.template import fill

COMPOSE_PATH: Final = "src/docker-compose.yml"
_SHARED: Final = "_shared"


def compose_file(choice: Choice, library: Library) -> RenderedFile:
    """Return `src/docker-compose.yml` for `choice`."""
    graph = nodes(choice)
    frame = library.skills["docker-compose"]
    values = project_values(choice, library) | {
        "shared": "\n".join(_shared(choice, library)),
        "services": "\n\n".join(_service(node, choice, library) for node in graph),
        "volumes": volumes(choice),
    }
    text = _template(frame, "docker-compose", values)
    return RenderedFile(path=COMPOSE_PATH, content=f"{text.strip()}\n".encode())


def project_values(choice: Choice, library: Library) -> dict[str, Any]:
    """Return what every template may use: names of parts, images, the project, its variables and tests."""
    return dict(choice.names) | {
        "name": choice.name,
        "title": choice.title,
        "domains": choice.domains,
        "ports": _ports(choice),
        "images": library.images,
        "variables": _variables(choice, library),
        "tests": [skill.test for skill in distinct(choice) if skill.test],
        "stack": [skill.title for skill in distinct(choice)],
    }


def example_values(choice: Choice, library: Library) -> dict[str, str]:
    """Return the variables of `.env.example` with their values."""
    return {variable.name: variable.value for _, lines in _variables(choice, library) for variable in lines}


def made_values(choice: Choice, library: Library) -> dict[str, str]:
    """Return how a shell makes each variable of `.env.example` that is a secret."""
    return {variable.name: variable.made for _, lines in _variables(choice, library) for variable in lines}


def _ports(choice: Choice) -> dict[str, int]:
    """Return where applications listen: those that are there have ports of their own."""
    ports = {"backend": 8000, "frontend": 3000}
    for skill in distinct(choice):
        if skill.facts:
            ports[skill.directory] = cast("Application", skill.facts["app"]).port
    return ports


def volumes(choice: Choice) -> tuple[str, ...]:
    """Return the named volumes, in the order of their skills."""
    return tuple(
        name
        for skill in distinct(choice)
        for name, condition in skill.volumes.items()
        if holds(condition, choice.seen_by(skill))
    )


def _shared(choice: Choice, library: Library) -> Iterator[str]:
    """Yield what the services of one skill have in common (`x-...` blocks), with the links of all of them."""
    for skill in distinct(choice):
        if f"compose/{_SHARED}.yml.j2" not in skill.files:
            continue
        own = [node for node in nodes(choice) if node.skill is skill]
        environment = {name: value for node in own for name, value in node.environment}
        mounts = tuple(dict.fromkeys(volume for node in own for volume in node.volumes))
        values = project_values(choice, library) | choice.seen_by(skill)
        yield _template(skill, _SHARED, values | {"environment": environment, "mounts": mounts}).strip("\n")


def _service(node: Node, choice: Choice, library: Library) -> str:
    values = project_values(choice, library) | choice.seen_by(node.skill) | dict(node.skill.facts)
    links = {"environment": dict(node.environment), "needs": dict(node.needs), "mounts": node.volumes}
    text = _template(node.skill, node.service.name, values | links).strip("\n")
    return "\n".join(line.rstrip() for line in text.split("\n"))


def _template(skill: Skill, name: str, values: dict[str, Any]) -> str:
    return fill(skill.files[f"compose/{name}.yml.j2"].decode(), values)


def _variables(choice: Choice, library: Library) -> list[tuple[str, list[Variable]]]:
    """Return the lines of `.env.example` by the title of the skill they belong to."""
    groups = []
    for skill in (library.skills["docker-compose"], *distinct(choice)):
        names = choice.seen_by(skill)
        lines = [variable for variable in skill.variables if holds(variable.when, names)]
        if lines:
            groups.append((skill.title, lines))
    return groups
