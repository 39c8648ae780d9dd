"""Shapes of values, and what a located value does not have of its shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bot.parse.dockerfile_healthcheck import duration_seconds
from bot.parse.nodes import Mapping, Node, Scalar, Sequence
from bot.parse.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """Where a value does not fit, and the words: what it must be."""

    at: Span
    message: str


Shape = Callable[[Node, str], Iterator[Misfit]]
"""Checks one value; the text is its name for people, such as `services.web.ports`."""


def _kind(node: Node) -> str:
    if isinstance(node, Sequence):
        return "a list"
    if isinstance(node, Mapping):
        return "a mapping"
    if node.value is None:
        return "nothing"
    if isinstance(node.value, bool):
        return "true or false"
    return "a number" if isinstance(node.value, int | float) else "text"


def _wrong(node: Node, name: str, wanted: str, hint: str = "") -> Iterator[Misfit]:
    yield Misfit(at=node.span, message=f"`{name}` must be {wanted}, not {_kind(node)}{hint}.")


def anything(node: Node, name: str) -> Iterator[Misfit]:
    """Accept whatever there is."""
    del node, name
    return iter(())


def text(node: Node, name: str) -> Iterator[Misfit]:
    """Accept text only: numbers and switches must be quoted."""
    if isinstance(node, Scalar) and (node.unknown or isinstance(node.value, str) or "$" in node.raw):
        return
    hint = "; put it in quotes" if isinstance(node, Scalar) and node.value is not None else ""
    yield from _wrong(node, name, "text", hint)


def number(node: Node, name: str) -> Iterator[Misfit]:
    """Accept a number, also in quotes."""
    if isinstance(node, Scalar) and (node.unknown or (node.value is not None and not isinstance(node.value, bool))):
        if node.unknown or not isinstance(node.value, str) or re.fullmatch(r"[-+]?\d+(\.\d+)?", node.value.strip()):
            return
        yield Misfit(at=node.span, message=f"`{name}` must be a number, not `{node.text[:40]}`.")
        return
    yield from _wrong(node, name, "a number")


def switch(node: Node, name: str) -> Iterator[Misfit]:
    """Accept true or false, also in quotes and as `yes` and `on`."""
    if isinstance(node, Scalar) and (node.unknown or isinstance(node.value, bool)):
        return
    if isinstance(node, Scalar) and isinstance(node.value, str):
        if node.value.strip().lower() not in {"true", "false", "yes", "no", "y", "n", "on", "off", "1", "0", "t", "f"}:
            yield Misfit(at=node.span, message=f"`{name}` must be true or false, not `{node.text[:40]}`.")
        return
    yield from _wrong(node, name, "true or false")


def size(node: Node, name: str) -> Iterator[Misfit]:
    """Accept an amount of memory: bytes, or text such as `512M`."""
    if isinstance(node, Scalar) and (node.unknown or (node.value is not None and not isinstance(node.value, bool))):
        if node.unknown or re.fullmatch(r"-?\d+(\.\d+)?\s*([kmgtp]i?)?b?", node.text.strip(), re.IGNORECASE):
            return
        yield Misfit(
            at=node.span, message=f"`{name}` must be an amount of memory such as `512M`, not `{node.text[:40]}`."
        )
        return
    yield from _wrong(node, name, "an amount of memory such as `512M`")


def text_size(node: Node, name: str) -> Iterator[Misfit]:
    """Accept an amount of memory as text only."""
    before = list(text(node, name))
    yield from before or size(node, name)


def duration(node: Node, name: str) -> Iterator[Misfit]:
    """Accept a time such as `30s` or `1m30s`."""
    if isinstance(node, Scalar) and isinstance(node.value, str):
        if not node.unknown and duration_seconds(node.value.strip()) is None:
            words = f"`{name}` must be a time with its unit, such as `30s`, not `{node.text[:40]}`."
            yield Misfit(at=node.span, message=words)
        return
    unit = "; write its unit, as in `30s`" if isinstance(node, Scalar) and isinstance(node.value, int) else ""
    yield from _wrong(node, name, "a time", unit)


def simple(node: Node, name: str) -> Iterator[Misfit]:
    """Accept one value of any type, or nothing."""
    if not isinstance(node, Scalar):
        yield from _wrong(node, name, "one value")


def nothing(node: Node, name: str) -> Iterator[Misfit]:
    """Accept nothing but an empty value."""
    if not isinstance(node, Scalar) or node.value is not None:
        yield from _wrong(node, name, "empty")


def one_of(*values: str) -> Shape:
    """Accept one of some words."""

    def check(node: Node, name: str) -> Iterator[Misfit]:
        if isinstance(node, Scalar) and (node.unknown or node.text in values):
            return
        shown = f"`{node.text[:40]}`" if isinstance(node, Scalar) else _kind(node)
        yield Misfit(at=node.span, message=f"`{name}` must be one of {', '.join(values)}, not {shown}.")

    return check


def matching(pattern: str, wanted: str) -> Shape:
    """Accept text that matches a pattern; `wanted` is what the pattern says, in words."""

    def check(node: Node, name: str) -> Iterator[Misfit]:
        before = list(text(node, name))
        yield from before
        if not before and isinstance(node, Scalar) and not node.unknown and "$" not in node.raw:
            if re.fullmatch(pattern, node.text):
                return
            yield Misfit(at=node.span, message=f"`{name}` must be {wanted}, not `{node.text[:40]}`.")

    return check


def prefixed(prefix: str) -> Shape:
    """Accept text that begins with a word."""

    def check(node: Node, name: str) -> Iterator[Misfit]:
        if not isinstance(node, Scalar) or not (node.unknown or node.text.startswith(prefix)):
            yield Misfit(at=node.span, message=f"`{name}` must begin with {prefix}.")

    return check


def listing(item: Shape) -> Shape:
    """Accept a list, each item of a shape."""

    def check(node: Node, name: str) -> Iterator[Misfit]:
        if isinstance(node, Sequence):
            for index, each in enumerate(node.items):
                yield from item(each, f"{name}[{index}]")
        elif not (isinstance(node, Scalar) and node.unknown):
            yield from _wrong(node, name, "a list")

    return check


def any_mapping(value: Shape) -> Shape:
    """Accept a mapping with any keys, each value of a shape."""

    def check(node: Node, name: str) -> Iterator[Misfit]:
        if isinstance(node, Mapping):
            for entry in node.entries:
                if not entry.key.text.startswith("x-"):
                    yield from value(entry.value, f"{name}.{entry.key.text}")
        else:
            yield from _wrong(node, name, "a mapping")

    return check


def either(*shapes: Shape, wanted: str) -> Shape:
    """Accept a value of one of some shapes: the one that its own kind (text, list, mapping) chooses, in this order."""

    def check(node: Node, name: str) -> Iterator[Misfit]:
        first: list[Misfit] | None = None
        for shape in shapes:
            found = list(shape(node, name))
            if not found:
                return
            # A misfit inside the value tells more than one of the value itself.
            if any(misfit.at is not node.span for misfit in found):
                first = found
        if first is not None:
            yield from first
        else:
            yield from _wrong(node, name, wanted)

    return check


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys; `x-` keys are everybody's."""

    keys: dict[str, Shape]
    required: tuple[str, ...] = field(default=())

    def __call__(self, node: Node, name: str) -> Iterator[Misfit]:
        """Check that every key is known and every value fits."""
        if not isinstance(node, Mapping):
            yield from _wrong(node, name, "a mapping")
            return
        for entry in node.entries:
            key = entry.key.text
            shape = self.keys.get(key)
            inner = f"{name}.{key}" if name else key
            if shape is not None:
                yield from shape(entry.value, inner)
            elif not key.startswith("x-"):
                from difflib import get_close_matches

                close = get_close_matches(key, self.keys, n=1)
                hint = f"; did you mean `{close[0]}`?" if close else ""
                where = f"`{name}`" if name else "A compose file"
                yield Misfit(at=entry.key.span, message=f"{where} has no key `{key[:60]}`{hint or '.'}")
        for key in self.required:
            if key not in node:
                yield Misfit(at=node.span, message=f"`{name}` needs the key `{key}`.")
