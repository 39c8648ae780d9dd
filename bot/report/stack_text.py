"""The stack for a reader who decides whether to merge it: a graph, a table, the commands that start it."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Final

from bot.model.change import FileChange
from bot.model.stack import Role, Stack, StackService
from bot.report.diagrams import MOST_SERVICES
from bot.report.markdown import code, prose, table
from bot.report.mermaid import Names, flowchart, label

_DEFAULT_FILES: Final = frozenset({"docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"})
_DOORS: Final[tuple[Role, ...]] = ("proxy", "frontend", "backend", "other")  # where a person would look first
_STORES: Final = frozenset({"database", "cache", "queue"})
_WAITS: Final = {
    "service_healthy": "healthy",
    "service_completed_successfully": "done",
    "service_started": "started",
}


def run_commands(stack: Stack, files: Sequence[FileChange]) -> str:
    """Return the commands that start the stack, joined by `&&`: change directory, copy the environment, up."""
    directory, name = posixpath.split(stack.path)
    written = {file.path for file in files if file.status != "deleted"}
    commands = [f"cd {directory}"] if directory else []
    if posixpath.join(directory, ".env.example") in written:
        commands.append("cp .env.example .env")
    commands.append("docker compose up" if name in _DEFAULT_FILES else f"docker compose -f {name} up")
    return " && ".join(commands)


def address(stack: Stack) -> str:
    """Return where a person opens it in a browser, "" where nothing that speaks HTTP is published."""
    for role in _DOORS:
        for service in stack.services:
            for port in service.ports:
                if service.role == role and port.published and port.protocol == "tcp":
                    return f"http://127.0.0.1:{port.published}"
    return ""


def service_table(stack: Stack, most: int) -> str:
    """Return the services, from the door inwards: what each is made from, its port, its check, what it waits for."""
    drawn = [_row(service) for service in _from_the_door(stack)[:most]]
    if len(stack.services) > most:
        drawn.append((f"and {len(stack.services) - most} more", "", "", "", ""))
    return table(("service", "from", "port", "health check", "waits for"), ("---",) * 5, drawn)


def _from_the_door(stack: Stack) -> list[StackService]:
    order: tuple[Role, ...] = ("proxy", "frontend", "backend", "worker", "one-shot", "database", "cache", "queue")
    return sorted(stack.services, key=lambda one: order.index(one.role) if one.role in order else len(order))


def _row(service: StackService) -> tuple[str, str, str, str, str]:
    ports = [str(port.published or f"any -> {port.target}") for port in service.ports]
    waits = [f"{code(need.service, limit=64)} {_WAITS[need.condition]}" for need in service.needs[:6]]
    if len(service.needs) > 6:
        waits.append(f"and {len(service.needs) - 6} more")
    return (code(service.name, limit=64), _made_from(service), ", ".join(ports[:6]), _check(service), ", ".join(waits))


def _made_from(service: StackService) -> str:
    parts = []
    if service.build:
        parts.append(code(service.build, limit=100))
        if service.target:
            parts.append(f"stage {code(service.target, limit=60)}")
    elif service.image:
        parts.append(code(service.image, limit=140))
    parts += [f"volume {code(volume, limit=60)}" for volume in service.volumes[:3]]
    return ", ".join(parts)


def _check(service: StackService) -> str:
    if service.one_shot:
        return "one-shot"
    if service.check_words:
        return prose(service.check_words, limit=160)
    return code(service.check, limit=100) if service.check else "**none**"


def stack_graph(stack: Stack) -> str:
    """Return the stack as a Mermaid flowchart: published ports on the left, what runs once dotted; "" if too large."""
    services = stack.services
    if not 1 < len(services) <= MOST_SERVICES:
        return ""
    names = Names(service.name for service in services)
    nodes, edges = [], []
    for service in _from_the_door(stack):
        shape = ("[(", ")]") if service.role in _STORES else ("[", "]")
        nodes.append((service.name, names.node(service.name, shape)))
        edges += [
            f"port{port.published}([{label(f':{port.published}')}]) --> {names[service.name]}"
            for port in service.ports[:4]
            if port.published
        ]
        edges += [
            _edge(service, need.service, need.condition, names)
            for need in service.needs
            if need.service in names and need.service != service.name
        ]
    linked = " ".join(edges).split()  # a bare id that an edge names needs no line of its own
    return flowchart([node for name, node in nodes if node != name or node not in linked], edges)


def _edge(service: StackService, needed: str, condition: str, names: Names) -> str:
    if service.one_shot:
        return f"{names[service.name]} -. once .-> {names[needed]}"
    if condition == "service_completed_successfully":
        return f"{names[service.name]} -. after .-> {names[needed]}"
    return f"{names[service.name]} --> {names[needed]}"
