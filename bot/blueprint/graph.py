"""The service graph: which services a choice has, what each waits for, and what its environment says."""

from __future__ import annotations

from dataclasses import dataclass

from bot.blueprint.choice import Choice
from bot.blueprint.condition import holds
from bot.blueprint.skill import Condition, Part, Service, Skill


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A service of one concrete stack.

    Attributes:
        service: As its skill declares it.
        skill: Whose it is.
        environment: From the parts it is linked with, in order; its own is in its template.
        needs: `depends_on`, in order.
        volumes: Mounts that linked parts ask of it.
    """

    service: Service
    skill: Skill
    environment: tuple[tuple[str, str], ...] = ()
    needs: tuple[tuple[str, Condition], ...] = ()
    volumes: tuple[str, ...] = ()


def nodes(choice: Choice) -> tuple[Node, ...]:
    """Return the services of `choice` in file order: first what others wait for."""
    members = [
        (skill, service)
        for skill in distinct(choice)
        for service in skill.services
        if holds(service.when, choice.seen_by(skill))
    ]
    present = {service.name for _, service in members}
    return tuple(_node(skill, service, choice, present) for skill, service in members)


def distinct(choice: Choice) -> tuple[Skill, ...]:
    """Return the skills in the order of their first part, extras last: one Redis may be both cache and queue."""
    return tuple({skill.name: skill for skill in (*choice.skills.values(), *choice.extras.values())}.values())


def _node(skill: Skill, service: Service, choice: Choice, present: set[str]) -> Node:
    environment: dict[str, str] = {}
    needs: dict[str, Condition] = {}
    volumes: list[str] = []
    for part in service.links:
        if not linked(skill, part, choice):
            continue
        offer = choice.skills[part].offers[part]
        environment |= offer.environment
        volumes += [volume for volume in offer.volumes if volume not in volumes]
        if offer.ready:
            needs[offer.ready] = "service_healthy"
    needs |= {name: condition for name, condition in service.after.items() if name in present}
    return Node(
        service=service,
        skill=skill,
        environment=tuple(environment.items()),
        needs=tuple(needs.items()),
        volumes=tuple(volumes),
    )


def linked(skill: Skill, part: Part, choice: Choice) -> bool:
    """Tell whether `skill` has code for what plays `part`; a part that it cannot use runs beside it, unused."""
    return part in choice.skills and choice.names[part] in skill.supports.get(part, ())
