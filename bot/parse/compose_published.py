"""The ports a service publishes, read from its resolved mapping: short and long forms become one value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.parse.compose_parts import scalar, split_colons
from bot.parse.nodes import Mapping, Node, Scalar, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPort:
    """One published port; ranges are given as their first port. `target` 0 where it is not known."""

    target: int
    published: int
    node: Node
    protocol: Literal["tcp", "udp"] = "tcp"
    host: str = ""


def read_ports(node: Node | None) -> tuple[PublishedPort, ...]:
    """Read `ports`, short and long forms."""
    found = []
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Scalar) and item.value is not None:
            found.append(_short_port(item))
        elif isinstance(item, Mapping):
            target, published = scalar(item.get("target")), scalar(item.get("published"))
            protocol, host = scalar(item.get("protocol")), scalar(item.get("host_ip"))
            found.append(
                PublishedPort(
                    target=_first_port(target.text if target else ""),
                    published=_first_port(published.text if published else ""),
                    node=item,
                    protocol="udp" if protocol is not None and protocol.text == "udp" else "tcp",
                    host=host.text if host is not None else "",
                )
            )
    return tuple(found)


def _short_port(item: Scalar) -> PublishedPort:
    text, _, protocol = item.text.partition("/")
    parts = split_colons(text)
    return PublishedPort(
        target=_first_port(parts[-1]),
        published=_first_port(parts[-2]) if len(parts) > 1 else 0,
        node=item,
        protocol="udp" if protocol == "udp" else "tcp",
        host=":".join(parts[:-2]),
    )


def _first_port(text: str) -> int:
    match = re.match(r"\d{1,5}(?![\d.])", text.strip())
    return int(match[0]) if match else 0
