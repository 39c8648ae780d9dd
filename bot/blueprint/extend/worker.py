"""A worker beside an application that is there: the same image and settings, another command."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from bot.blueprint.extend.graft import CannotAddError
from bot.blueprint.fit.worker import check_lines
from bot.parse.compose import Service
from bot.parse.source import Source
from bot.parse.yaml_edit import indent_of, line_end, node_end, own_entries

# What makes the process and what it may do. What names it, publishes it or judges it is its own.
_SHARED: Final = (
    *("image", "build", "platform", "user", "working_dir", "env_file", "environment", "volumes", "networks"),
    *("secrets", "configs", "extra_hosts", "init", "read_only", "tmpfs", "cap_drop", "cap_add", "security_opt"),
    *("deploy", "mem_limit", "cpus", "logging", "profiles"),
)
_OF_ONE: Final = frozenset({"ports", "container_name", "hostname", "extends", "network_mode"})
_LIMITS: Final = frozenset({"deploy", "mem_limit", "cpus"})
_LIMITED: Final = ("deploy:", "  resources:", "    limits:", '      cpus: "1.0"', "      memory: 512M")
_ANCHORED: Final = re.compile(r"(?P<key>[\w-]+:)[ \t]+&(?P<name>[\w.-]+)")
_ANCHOR: Final = re.compile(r"(:[ \t]+)&[\w.-]+[ \t]*")
_LONGEST_STOP: Final = "30s"


def worker_lines(service: Service, command: Sequence[str], waits: dict[str, str]) -> tuple[str, ...]:
    """Return the lines of a service `worker` made like `service`, indented as ours are, its comment in front.

    Args:
        service: The application's own service.
        command: What the worker runs.
        waits: What it waits for, and the condition.

    Raises:
        CannotAddError: The service is put together from elsewhere, so that its lines alone would not make a worker.
    """
    source = service.key.span.source
    shared = tuple(name for name in _OF_ONE if name in service.node and not _is_own(service, name))
    if shared or "extends" in service.node:
        raise CannotAddError(
            f"`{service.name}` takes {', '.join(f'`{name}`' for name in shared) or 'its base'} from elsewhere"
        )
    lines = [f"# Does the work that `{service.name}` hands over: the same image and settings.", "worker:"]
    lines += [f"  {line}" if line else "" for line in _copied(service, source)]
    lines += [f"  command: {json.dumps(list(command))}", "  restart: unless-stopped"]
    if waits:
        lines.append("  depends_on:")
        for name, condition in waits.items():
            lines += [f"    {name}:", f"      condition: {condition}"]
    lines += [f"  {line}" for line in check_lines(command)]
    # Work that has begun is to end by itself.
    lines.append(f"  stop_grace_period: {_LONGEST_STOP}")
    if not _LIMITS.intersection(service.node.keys()):
        lines += [f"  {line}" for line in _LIMITED]
    return tuple(lines)


def _is_own(service: Service, name: str) -> bool:
    return any(entry.key.text == name for entry in own_entries(service.node))


def _copied(service: Service, source: Source) -> Iterator[str]:
    """Yield the lines of what both share, the first column being the service's own, two columns to a step."""
    own = own_entries(service.node)
    if service.node.flow or not own:
        raise CannotAddError(f"`{service.name}` is not written as a block")
    indent = indent_of(source, own[0].key.span)
    if indent is None:
        raise CannotAddError(f"`{service.name}` is not written as a block")
    yield from _merge_keys(service, source, indent)
    step = _step(source, service, indent)
    for entry in own:
        if entry.key.text in _SHARED:
            start = source.line_starts[entry.key.span.line - 1]
            if anchored := _ANCHORED.match(source.text, entry.key.span.start):
                yield f"{anchored['key']} *{anchored['name']}"
                continue
            text = source.text[start : line_end(source, node_end(entry.value, entry.key))].replace("\r", "")
            for line in text.split("\n"):
                bare = line.removeprefix(indent)
                deep = len(bare) - len(bare.lstrip())
                yield _ANCHOR.sub(r"\1", " " * (deep // step * 2 + deep % step) + bare.lstrip()).rstrip()


def _merge_keys(service: Service, source: Source, indent: str) -> Iterator[str]:
    for number in range(service.key.span.line, source.position(service.node.span.end)[0] + 1):
        line = source.line(number)
        if line.startswith(f"{indent}<<:"):
            yield line.removeprefix(indent)


def _step(source: Source, service: Service, indent: str) -> int:
    """Return by how many columns the file indents."""
    outer = indent_of(source, service.key.span) or ""
    return max(len(indent) - len(outer), 1)
