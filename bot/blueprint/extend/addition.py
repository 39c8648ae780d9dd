"""The addition: what a stack that is there lacks of what was asked for, and how it is told of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import yaml

from bot.blueprint.choice import Choice
from bot.blueprint.extend.graft import CannotAddError, Graft
from bot.blueprint.extend.standing import Lacking
from bot.blueprint.extend.worker import worker_lines
from bot.blueprint.fit.application import Application
from bot.blueprint.graph import nodes
from bot.blueprint.skill import Part, Skill
from bot.model.change import Decision
from bot.parse.yaml_edit import add_entry

_COMMENT: Final = re.compile(r"^  #|^$")
_ALIAS: Final = re.compile(r": \*([\w.-]+)")
_NO_WORKER: Final = (
    "A worker was not added: nothing in the application's code says how one is started. Add a `worker` script, or a "
    "Celery application, and ask again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What came of it.

    Attributes:
        text: The compose file after it.
        parts: The parts that were added, and `extras` by their names.
        skills: Those whose own files belong to it.
        told: What the services that were there have been told.
        confirm: What could not be added, one sentence each.
    """

    text: str
    parts: frozenset[str]
    extras: frozenset[str] = frozenset()
    skills: tuple[Skill, ...] = ()
    told: tuple[Decision, ...] = ()
    confirm: tuple[str, ...] = ()


Roles = Mapping[str, tuple[tuple[Part, str], ...]]


def add(graft: Graft, lacking: Lacking, choice: Choice, rendered: str, there: Roles) -> Addition:
    """Add what is `lacking` of `choice` to the file in `graft`.

    Args:
        graft: The file that is there.
        lacking: What was asked for and what no service there plays.
        choice: What the whole stack would be.
        rendered: Its compose file, as we would write it.
        there: The parts that each service plays.

    Raises:
        CannotAddError: the file gives no place for them.
    """
    adding = _Adding(graft, choice, rendered, there)
    for part in lacking.parts:
        if part != "worker":
            adding.add_part(part)
    for name in lacking.extras:
        adding.add_extra(name)
    adding.tell()
    # It is made like the application, which by now knows what was added.
    if "worker" in lacking.parts:
        adding.add_worker()
    return Addition(
        text=graft.text,
        parts=frozenset(adding.parts),
        extras=frozenset(adding.extras),
        skills=tuple(adding.skills),
        told=tuple(adding.told),
        confirm=tuple(adding.confirm),
    )


class _Adding:
    """One addition under way."""

    def __init__(self, graft: Graft, choice: Choice, rendered: str, there: Roles) -> None:
        self._graft = graft
        self._choice = choice
        self._whole: dict[str, Any] = yaml.load(rendered, Loader=yaml.CSafeLoader)
        self._blocks = _blocks(rendered)
        self._there = there
        self._names = _renamed(there, choice)
        self._fresh: set[str] = set()
        self.parts: set[str] = set()
        self.extras: set[str] = set()
        self.skills: list[Skill] = []
        self.told: list[Decision] = []
        self.confirm: list[str] = []

    def add_part(self, part: Part) -> None:
        """Add the services of what plays `part`."""
        skill = self._choice.skills[part]
        if self._services(skill):
            self.skills.append(skill)
            self.parts.add(part)

    def add_extra(self, name: str) -> None:
        """Add what runs beside the parts."""
        skill = self._choice.extras[name]
        if self._services(skill):
            self.skills.append(skill)
            self.extras.add(name)

    def tell(self) -> None:
        """Give the services that are there the variables and the waits that concern what is new."""
        for service, ours in _consumers(self._there, self._whole):
            wanted = self._whole["services"][ours]
            for name, value in (wanted.get("environment") or {}).items():
                if self._names_what_is_new(str(value)):
                    self._try(
                        partial(self._graft.set_variable, service, name, _written(value)),
                        Decision(what=f"`{service}` has `{name}`", why=f"it is how `{ours}` finds what was added"),
                    )
            for name, wait in (wanted.get("depends_on") or {}).items():
                if name in self._fresh:
                    self._try(
                        partial(self._graft.wait_for, service, name, wait["condition"]),
                        Decision(what=f"`{service}` waits for `{name}`", why="it uses it from its start"),
                    )

    def add_worker(self) -> None:
        """Add the worker: a scaffold's own services, or one made like the application that is there."""
        backend = self._choice.skills.get("backend")
        if backend is not None and not backend.facts:
            if self._services(backend):
                self.parts.add("worker")
            return
        player = _player(self._there, "backend")
        command = worker_of(self._choice)
        if not player:
            self.confirm.append("A worker was not added: no service of the stack is the application's own.")
        elif not command:
            self.confirm.append(_NO_WORKER)
        else:
            service = self._graft.service(player)
            waits = {need.service: need.condition for need in service.depends_on}
            for name in sorted(self._fresh):
                waits.setdefault(name, "service_healthy")
            queue = _player(self._there, "queue")
            if queue:
                waits.setdefault(queue, "service_started")
            try:
                self._graft.add_service(worker_lines(service, command, waits))
                self.parts.add("worker")
            except CannotAddError as error:
                self.confirm.append(f"A worker was not added: {error}.")

    def _services(self, skill: Skill) -> bool:
        """Add those services of `skill` that are not there; return whether any was."""
        own = [node.service.name for node in nodes(self._choice) if node.skill is skill]
        new = [name for name in own if self._graft.stack.service(name) is None]
        for name in new:
            block = self._blocks[name]
            shared = set(_ALIAS.findall("\n".join(block)))
            if any(f"&{anchor}" not in self._graft.text for anchor in shared):
                self.confirm.append(f"`{name}` was not added: it shares settings that this file does not have.")
                continue
            self._graft.add_service(_translated(block, self._names))
            self._join(name)
            self._fresh.add(name)
            for volume in _volumes(self._whole["services"][name], self._whole.get("volumes") or {}):
                self._graft.add_volume(volume)
        return bool(self._fresh.intersection(new))

    def _join(self, name: str) -> None:
        """Let a service join the networks in which the application meets its database, or else all of its own."""
        backend, database = _player(self._there, "backend"), _player(self._there, "database")
        if not backend:
            return
        own = self._graft.service(backend).networks
        shared = [net for net in own if database and net in self._graft.service(database).networks] or own
        if shared and not self._graft.service(name).networks:
            lines = (f"networks: [{', '.join(shared)}]",)
            self._graft.apply(add_entry(self._graft.service(name).node, lines), f"`{name}` cannot join a network")

    def _names_what_is_new(self, value: str) -> bool:
        return any(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", value) for name in self._fresh)

    def _try(self, change: Callable[[], bool], done: Decision) -> None:
        try:
            if change():
                self.told.append(done)
        except CannotAddError as error:
            self.confirm.append(f"{done.what} should be so, and is not: {error}.")


def worker_of(choice: Choice) -> tuple[str, ...]:
    """Return what starts the worker of the application that is there; () where that is not known."""
    backend = choice.skills.get("backend")
    application = backend.facts.get("app") if backend else None
    return application.worker if isinstance(application, Application) else ()


def _consumers(there: Roles, whole: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each service there that we would have written ourselves, and our name for it."""
    for service, parts in there.items():
        ours = next((part for part, _ in parts if part in whole["services"]), "")
        if not ours and service in whole["services"]:
            ours = service
        if ours and (service == ours or (parts and parts[0][0] in {"backend", "frontend", "worker"})):
            yield service, ours


def _player(there: Roles, part: Part) -> str:
    return next((name for name, parts in there.items() if any(one == part for one, _ in parts)), "")


def _renamed(there: Roles, choice: Choice) -> dict[str, str]:
    """Return our names of services, and what they are called there."""
    names: dict[str, str] = {}
    for part, skill in choice.skills.items():
        player = _player(there, part)
        ours = skill.services[0].name if skill.services else ""
        if skill.directory:
            ours = skill.directory
        if player and ours and ours != player:
            names[ours] = player
    return names


def _translated(lines: tuple[str, ...], names: Mapping[str, str]) -> tuple[str, ...]:
    """Return the lines with the services that are there under their own names: as keys, and as hosts."""
    if not names:
        return lines
    found = re.compile(rf"(?<=[@/ \"])(?P<name>{'|'.join(map(re.escape, names))})(?=:\d|:$|$|\")", re.MULTILINE)
    return tuple(
        line if line.lstrip().startswith(("image:", "#", "- ")) else found.sub(lambda at: names[at["name"]], line)
        for line in lines
    )


def _blocks(rendered: str) -> dict[str, tuple[str, ...]]:
    """Return the lines of each service of a compose file of ours, its comment in front, the key at the first column."""
    lines = rendered.split("\n")
    begin = lines.index("services:") + 1
    found: dict[str, tuple[str, ...]] = {}
    head: list[str] = []
    name = ""
    for line in lines[begin:]:
        if line and not line.startswith(" "):
            break
        if _COMMENT.match(line):
            head.append(line[2:])
        elif key := re.fullmatch(r"  ([\w.-]+):", line):
            name = key[1]
            found[name] = (*(line for line in head if line), f"{name}:")
            head = []
        else:
            found[name] = (*found[name], *head, line[2:])
            head = []
    return found


def _volumes(service: Mapping[str, Any], named: Mapping[str, Any]) -> Iterator[str]:
    for mount in service.get("volumes") or ():
        source = str(mount).partition(":")[0]
        if source in named:
            yield source


def _written(value: object) -> str:
    text = str(value)
    return f'"{text}"' if text.isdigit() or text in {"true", "false", ""} or text[:1] in "*&!%@`{[" else text
