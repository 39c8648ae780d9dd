"""Located values: what a YAML file says, each with the place where it says it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.parse.source import Span

Plain = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scalar:
    """One value.

    Attributes:
        value: What it means, typed; after interpolation in a resolved stack.
        raw: Its text before interpolation, quotes and escapes resolved, such as `${PORT:-80}`.
        span: Where it is written, quotes included.
        style: `""` plain, `'`, `"`, `|` or `>`.
        base: The folder that relative paths in it start from, relative to the tree; "" for the tree itself.
        unknown: It interpolates a variable whose value cannot be known here, so `value` is only the raw text.
        tag: An explicit tag such as `!reset`, "" for none.
    """

    value: Plain
    raw: str
    span: Span
    style: str = ""
    base: str = ""
    unknown: bool = False
    tag: str = ""

    @property
    def text(self) -> str:
        """The value as text: `true`, `false`, "" for null, digits for numbers as they were written."""
        if isinstance(self.value, str):
            return self.value
        if self.value is None:
            return ""
        return self.raw if "$" not in self.raw else _written(self.value)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sequence:
    """A list; `flow` where it is written in brackets."""

    items: tuple[Node, ...]
    span: Span
    flow: bool = False
    tag: str = ""

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entry:
    """A key and its value; `merged` where it came by a merge key (`<<`) and so is written elsewhere."""

    key: Scalar
    value: Node
    merged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mapping:
    """Keys with values, merge keys already merged, each key once; `flow` where it is written in braces."""

    entries: tuple[Entry, ...]
    span: Span
    flow: bool = False
    tag: str = ""

    def entry(self, key: str) -> Entry | None:
        """Return the entry of `key`."""
        for entry in self.entries:
            if entry.key.text == key:
                return entry
        return None

    def get(self, key: str) -> Node | None:
        """Return the value of `key`; None where it is missing."""
        found = self.entry(key)
        return found.value if found else None

    def keys(self) -> tuple[str, ...]:
        """Return the keys, in file order."""
        return tuple(entry.key.text for entry in self.entries)

    def __contains__(self, key: object) -> bool:
        return any(entry.key.text == key for entry in self.entries)


Node = Scalar | Sequence | Mapping


def plain(node: Node) -> object:
    """Return a node as ordinary Python values: str, int, float, bool, None, list, dict."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {entry.key.text: plain(entry.value) for entry in node.entries}


def _written(value: Plain) -> str:
    """Return a typed value as compose writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
