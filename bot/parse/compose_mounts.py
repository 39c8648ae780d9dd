"""What a service mounts, read from its resolved mapping: short and long forms become one value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.parse.compose_parts import scalar, split_colons, truth
from bot.parse.compose_resolve import inside
from bot.parse.nodes import Mapping, Node, Scalar, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One entry of `volumes`.

    Attributes:
        kind: `bind`, `volume` (named or, with an empty source, anonymous), `tmpfs`, `other`, or `unknown`.
        source: A host path as written, or a volume's name; "" for none.
        target: The path in the container, "" where it is not known.
        path: For a bind: relative to the tree, absolute, or beginning with `../` or `~`; None where not known.
        read_only: Whether it is mounted so.
        node: The whole entry.
        source_node: Where the source is written: in the short form the whole entry.
    """

    kind: Literal["bind", "volume", "tmpfs", "other", "unknown"]
    source: str
    target: str
    node: Node
    source_node: Scalar | None
    path: str | None = None
    read_only: bool = False
    creates: bool = True


def read_mounts(node: Node | None) -> tuple[Mount, ...]:
    """Read `volumes` of a service."""
    if not isinstance(node, Sequence):
        return ()
    return tuple(
        _short_mount(item) if isinstance(item, Scalar) else _long_mount(item)
        for item in node.items
        if isinstance(item, (Scalar, Mapping))
    )


def is_path(source: str) -> bool:
    """Whether a short volume's source is a host path, not a volume's name."""
    return source.startswith((".", "/", "~", "\\")) or bool(re.match(r"[A-Za-z]:[\\/]", source))


def _short_mount(item: Scalar) -> Mount:
    parts = split_colons(item.text)
    if len(parts) == 1:
        return Mount(kind="volume", source="", target=parts[0].rstrip("/") or "/", node=item, source_node=None)
    if len(parts) > 2 and len(parts[0]) == 1 and parts[0].isalpha() and parts[1][:1] in {"\\", "/"}:
        parts = [f"{parts[0]}:{parts[1]}", *parts[2:]]
    source, target = parts[0], parts[1] if len(parts) > 1 else ""
    read_only = len(parts) > 2 and "ro" in parts[2].split(",")
    unknown_source, unknown_target = "${" in source, "${" in target
    clean = "" if unknown_target else target.rstrip("/") or "/"
    if unknown_source and not is_path(source):
        return Mount(kind="unknown", source=source, target=clean, node=item, source_node=item, read_only=read_only)
    if is_path(source):
        path = None if unknown_source else _host(item.base, source)
        return Mount(
            kind="bind", source=source, target=clean, node=item, source_node=item, path=path, read_only=read_only
        )
    return Mount(kind="volume", source=source, target=clean, node=item, source_node=item, read_only=read_only)


def _host(base: str, source: str) -> str:
    return source if source.startswith("~") else inside(base, source)


def _long_mount(item: Mapping) -> Mount:
    kind, source, target = scalar(item.get("type")), scalar(item.get("source")), scalar(item.get("target"))
    if source is None:
        source = scalar(item.get("src"))
    where = target or scalar(item.get("dst")) or scalar(item.get("destination"))
    read_only = bool(truth(item.get("read_only")))
    clean = "" if where is None or where.unknown else where.text.rstrip("/") or "/"
    name = kind.text if kind is not None else "volume"
    known: dict[str, Literal["bind", "volume", "tmpfs", "other"]] = {
        "bind": "bind",
        "volume": "volume",
        "tmpfs": "tmpfs",
    }
    chosen = known.get(name, "other")
    path = None
    creates = True
    if chosen == "bind" and source is not None:
        path = None if source.unknown else _host(source.base, source.text)
        options = item.get("bind")
        creates = truth(options.get("create_host_path")) is not False if isinstance(options, Mapping) else True
    return Mount(
        kind=chosen,
        source=source.text if source is not None else "",
        target=clean,
        node=item,
        source_node=source,
        path=path,
        read_only=read_only,
        creates=creates,
    )
