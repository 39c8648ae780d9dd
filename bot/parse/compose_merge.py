"""How compose lays one file or service over another; every value keeps the place it came from."""

from __future__ import annotations

from typing import Final

from bot.parse.nodes import Entry, Mapping, Node, Scalar, Sequence

# Lists that replace what was there; every other list is appended to.
_REPLACED: Final = frozenset({"command", "entrypoint", "test"})
# Written as a list of `NAME=value` or as a mapping; merged by name.
_PAIRS: Final = frozenset(
    {"environment", "labels", "args", "extra_hosts", "sysctls", "annotations", "additional_contexts"}
)
# Written as a list of names or as a mapping.
_NAMED: Final = frozenset({"depends_on", "networks"})
_MOUNTS: Final = frozenset({"volumes", "devices"})
_MAX_DEPTH: Final = 60


def overlay(base: Node, over: Node, key: str = "", depth: int = 0) -> Node:
    """Return `base` with `over` laid over it, by compose's rules for the value of `key`."""
    if over.tag == "!override" or depth > _MAX_DEPTH:
        return over
    if key in _PAIRS:
        base, over = pairs_as_mapping(base), pairs_as_mapping(over)
    elif key in _NAMED:
        base, over = names_as_mapping(base), names_as_mapping(over)
    elif key == "build":
        base, over = build_as_mapping(base), build_as_mapping(over)
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        return _mappings(base, over, depth)
    if isinstance(base, Sequence) and isinstance(over, Sequence) and key not in _REPLACED:
        return _sequences(base, over, key)
    return over


def _mappings(base: Mapping, over: Mapping, depth: int) -> Mapping:
    merged = {entry.key.text: entry for entry in base.entries}
    for entry in over.entries:
        name = entry.key.text
        if entry.value.tag == "!reset":
            merged.pop(name, None)
            continue
        there = merged.get(name)
        value = overlay(there.value, entry.value, name, depth + 1) if there else entry.value
        # The key stays where it was first written, unless the whole value is new.
        key = there.key if there and value is not entry.value else entry.key
        merged[name] = Entry(key=key, value=value, merged=entry.merged)
    return Mapping(entries=tuple(merged.values()), span=over.span, flow=over.flow)


def _sequences(base: Sequence, over: Sequence, key: str) -> Sequence:
    if key in _MOUNTS:
        replaced = {_target(item) for item in over.items} - {""}
        kept = tuple(item for item in base.items if _target(item) not in replaced)
        return Sequence(items=kept + over.items, span=over.span, flow=over.flow)
    texts = {item.text for item in base.items if isinstance(item, Scalar)}
    added = tuple(item for item in over.items if not (isinstance(item, Scalar) and item.text in texts))
    return Sequence(items=base.items + added, span=over.span, flow=over.flow)


def _target(item: Node) -> str:
    """Return the path in the container that a volume or device is for."""
    if isinstance(item, Mapping):
        target = item.get("target")
        return target.text if isinstance(target, Scalar) else ""
    if isinstance(item, Scalar):
        parts = item.text.split(":")
        return parts[1] if len(parts) > 1 else parts[0]
    return ""


def pairs_as_mapping(node: Node) -> Node:
    """Return a list of `NAME=value` as a mapping; anything else as it is."""
    if not isinstance(node, Sequence):
        return node
    entries: dict[str, Entry] = {}
    for item in node.items:
        if not isinstance(item, Scalar):
            return node
        entries.update({entry.key.text: entry for entry in (pair_entry(item),)})
    return Mapping(entries=tuple(entries.values()), span=node.span)


def pair_entry(item: Scalar) -> Entry:
    """Return `NAME=value` as an entry; both halves are placed at the whole text. Without `=` the value is null."""
    name, equals, value = item.text.partition("=")
    raw_value = item.raw.partition("=")[2]
    key = Scalar(value=name, raw=name, span=item.span, style=item.style, base=item.base)
    half = Scalar(
        value=value if equals else None,
        raw=raw_value,
        span=item.span,
        style=item.style or '"',
        base=item.base,
        unknown=item.unknown,
    )
    return Entry(key=key, value=half)


def names_as_mapping(node: Node) -> Node:
    """Return a list of names as a mapping of each to null; anything else as it is."""
    if not isinstance(node, Sequence):
        return node
    entries: dict[str, Entry] = {}
    for item in node.items:
        if not isinstance(item, Scalar):
            return node
        nothing = Scalar(value=None, raw="", span=item.span, base=item.base)
        entries[item.text] = Entry(key=item, value=nothing)
    return Mapping(entries=tuple(entries.values()), span=node.span)


def build_as_mapping(node: Node) -> Node:
    """Return `build: ./folder` in its long form."""
    if not isinstance(node, Scalar):
        return node
    key = Scalar(value="context", raw="context", span=node.span, base=node.base)
    return Mapping(entries=(Entry(key=key, value=node),), span=node.span)
