"""Where services and their keys stand in a compose file, merge keys followed."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from bot.model.measured import Place
from bot.verify.gate import Locate


def compose_places(text: str, path: str) -> Locate:
    """Return a finder of places in the compose file `text`; a file that cannot be read has no places."""
    try:
        top = yaml.compose(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        top = None
    services = _value(top, "services")

    def locate(service: str, key: str) -> Place | None:
        for name, value in _entries(services, set()):
            if name.value == service:
                found = name if not key else next((k for k, _ in _entries(value, set()) if k.value == key), None)
                return None if found is None else Place(path=path, line=found.start_mark.line + 1)
        return None

    return locate


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    return next((value for name, value in _entries(node, set()) if name.value == key), None)


def _entries(node: yaml.Node | None, seen: set[int]) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    """Yield own keys first, then merged ones, as YAML lets own keys win; each mapping once, however often merged."""
    if not isinstance(node, yaml.MappingNode) or id(node) in seen:
        return
    seen.add(id(node))
    merged: list[yaml.Node] = []
    for name, value in node.value:
        if not isinstance(name, yaml.ScalarNode):
            continue
        if name.value == "<<":
            merged.extend(value.value if isinstance(value, yaml.SequenceNode) else [value])
        else:
            yield name, value
    for source in merged:
        yield from _entries(source, seen)
