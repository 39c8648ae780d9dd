"""The interpolation pass over one compose file: values filled in, relative paths told where they start from."""

from __future__ import annotations

from collections.abc import Mapping as Values
from dataclasses import dataclass

from bot.parse.interpolation import Use, interpolate
from bot.parse.nodes import Entry, Mapping, Node, Scalar, Sequence
from bot.parse.source import Span
from bot.parse.yaml_reader import Problem
from bot.parse.yaml_scalar import meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableUse:
    """A variable that a compose file interpolates: where, with which default, and in which value."""

    use: Use
    span: Span
    scalar: Scalar


class Filling:
    """Fills in one file's values; shared (aliased) nodes are filled once and stay shared."""

    def __init__(self, values: Values[str, str], base: str) -> None:
        self.values = values
        self.base = base
        self.uses: list[VariableUse] = []
        self.problems: list[Problem] = []
        self._done: dict[int, Node] = {}

    def fill(self, node: Node) -> Node:
        """Return `node` with every value interpolated and every scalar told its base folder."""
        known = self._done.get(id(node))
        if known is not None:
            return known
        filled: Node
        if isinstance(node, Scalar):
            filled = self._scalar(node)
        elif isinstance(node, Sequence):
            items = tuple(self.fill(item) for item in node.items)
            filled = Sequence(items=items, span=node.span, flow=node.flow, tag=node.tag)
        else:
            entries = tuple(
                Entry(key=entry.key, value=self.fill(entry.value), merged=entry.merged) for entry in node.entries
            )
            filled = Mapping(entries=entries, span=node.span, flow=node.flow, tag=node.tag)
        self._done[id(node)] = filled
        return filled

    def _scalar(self, node: Scalar) -> Scalar:
        value = node.value
        unknown = False
        if isinstance(value, str) and "$" in value:
            result = interpolate(value, self.values)
            unknown = result.unknown
            if result.bad:
                words = f"`{value[:60]}` is no valid interpolation; write `$$` for a dollar sign"
                self.problems.append(Problem(message=words, span=node.span))
            if not unknown:
                value = meaning(result.text) if node.style == "" and result.uses else result.text
                value = "" if value is None else value
            filled = Scalar(
                value=value,
                raw=node.raw,
                span=node.span,
                style=node.style,
                base=self.base,
                unknown=unknown,
                tag=node.tag,
            )
            self.uses.extend(VariableUse(use=use, span=_place(filled, use), scalar=filled) for use in result.uses)
            return filled
        return Scalar(value=value, raw=node.raw, span=node.span, style=node.style, base=self.base, tag=node.tag)


def _place(node: Scalar, use: Use) -> Span:
    """Find a variable in the scalar as it is written: exact where no escape shifts it, else the whole scalar."""
    written = node.span.text
    wanted = node.raw[use.start : use.end]
    before = node.raw[: use.start].count(wanted)
    at = -1
    for _ in range(before + 1):
        at = written.find(wanted, at + 1)
        if at < 0:
            return node.span
    return Span(node.span.source, node.span.start + at, node.span.start + at + len(wanted))
