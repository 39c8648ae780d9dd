"""The parts of a service, read from its resolved mapping: short and long forms become one value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from bot.parse.compose_merge import build_as_mapping, pair_entry
from bot.parse.compose_resolve import inside
from bot.parse.nodes import Entry, Mapping, Node, Scalar, Sequence

_REMOTE: Final = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*://|git@|github\.com/|[^/]+@[^/]+:)|.*\.git(?:#.*)?\Z")
_TRUE: Final = frozenset({"true", "yes", "y", "on", "1"})


def truth(node: Node | None) -> bool | None:
    """Return a switch as compose reads it (`true`, `"true"`, `yes`, `on`); None where it is not known."""
    if not isinstance(node, Scalar) or node.unknown or node.value is None:
        return None
    return node.value if isinstance(node.value, bool) else node.text.strip().lower() in _TRUE


def scalar(node: Node | None) -> Scalar | None:
    """Return the node where it is one value, not null."""
    return node if isinstance(node, Scalar) and node.value is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One name and value of `environment`, `labels` or `build.args`.

    Attributes:
        name: The name.
        value: Its text; None where it is taken from the shell, or not known here.
        key: Where the name is written.
        node: Where the value is written; the whole item in a list.
        given: A value is written (known or not).
    """

    name: str
    value: str | None
    key: Scalar
    node: Node
    given: bool = True


def pairs(node: Node | None) -> tuple[Pair, ...]:
    """Read a mapping or a list of `NAME=value`."""
    entries: list[Entry] = []
    if isinstance(node, Mapping):
        entries = list(node.entries)
    elif isinstance(node, Sequence):
        entries = [pair_entry(item) for item in node.items if isinstance(item, Scalar)]
    found = []
    for entry in entries:
        value = entry.value
        known = isinstance(value, Scalar) and value.value is not None and not value.unknown
        text = value.text if known and isinstance(value, Scalar) else None
        given = isinstance(value, Scalar) and value.value is not None
        found.append(Pair(name=entry.key.text, value=text, key=entry.key, node=value, given=given))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """`build`.

    Attributes:
        node: The whole value, in its long form.
        context: The folder relative to the tree ("." for the tree itself); None where it is remote or not known.
        context_node: Where it is written; None where it is left out.
        remote: The context is a URL or a git reference.
        dockerfile: The Dockerfile relative to the tree; None where the context is, or it is written inline.
        dockerfile_node: Where it is written, None for the default name.
        inline: `dockerfile_inline`.
        target: The stage, "" for the last; None where it is not known.
        target_node: Where it is written.
        args: `build.args`; a None is not known here.
    """

    node: Mapping
    context: str | None
    context_node: Scalar | None = None
    remote: bool = False
    dockerfile: str | None = None
    dockerfile_node: Scalar | None = None
    inline: Scalar | None = None
    target: str | None = ""
    target_node: Scalar | None = None
    args: dict[str, str | None] = field(default_factory=dict)


def read_build(value: Node | None, base: str) -> Build | None:
    """Read `build`, short or long form; `base` is where a left-out context is."""
    node = build_as_mapping(value) if value is not None else None
    if not isinstance(node, Mapping):
        return None
    where, file, stage = scalar(node.get("context")), scalar(node.get("dockerfile")), scalar(node.get("target"))
    remote = where is not None and bool(_REMOTE.match(where.text)) and not where.text.startswith((".", "/", "~"))
    context: str | None = None
    if where is None:
        context = base or "."
    elif not where.unknown and not remote:
        context = inside(where.base, where.text)
    dockerfile = None
    if context is not None and not (file is not None and file.unknown) and "dockerfile_inline" not in node:
        dockerfile = inside(context, file.text if file is not None else "Dockerfile")
    return Build(
        node=node,
        context=context,
        context_node=where,
        remote=remote,
        dockerfile=dockerfile,
        dockerfile_node=file,
        inline=scalar(node.get("dockerfile_inline")),
        target="" if stage is None else None if stage.unknown else stage.text,
        target_node=stage,
        args={pair.name: pair.value for pair in pairs(node.get("args"))},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One entry of `depends_on`; `explicit` where a condition is written."""

    service: str
    condition: str
    node: Scalar
    value: Node | None = None
    explicit: bool = False
    required: bool = True


def read_dependencies(node: Node | None) -> tuple[Dependency, ...]:
    """Read `depends_on`, list or mapping."""
    if isinstance(node, Sequence):
        items = [item for item in node.items if isinstance(item, Scalar) and not item.unknown]
        return tuple(Dependency(service=item.text, condition="service_started", node=item) for item in items)
    if not isinstance(node, Mapping):
        return ()
    found = []
    for entry in node.entries:
        condition = entry.value.get("condition") if isinstance(entry.value, Mapping) else None
        required = entry.value.get("required") if isinstance(entry.value, Mapping) else None
        text = condition.text if isinstance(condition, Scalar) else ""
        found.append(
            Dependency(
                service=entry.key.text,
                condition=text or "service_started",
                node=entry.key,
                value=entry.value,
                explicit=bool(text),
                required=truth(required) is not False,
            )
        )
    return tuple(found)


def split_colons(text: str) -> list[str]:
    """Split at colons that are not inside `${...}`."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        if char == "{" and text[at - 1 : at] == "$":
            depth += 1
        elif char == "}" and depth:
            depth -= 1
        elif char == ":" and not depth:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]
