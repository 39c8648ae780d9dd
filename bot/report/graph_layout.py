"""Lays the services out in layers, from the door at the top to what everything waits for at the bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_HEIGHT: Final = 46.0
_GAP: Final = 22.0
_BETWEEN: Final = 44.0
_PASSAGE: Final = 12.0  # the width that a line takes where it passes a layer
_MARGIN: Final = 8.0
_SWEEPS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One service's box, in pixels."""

    name: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """From a service to one it waits for; `path` is SVG path data."""

    source: str
    target: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """All boxes and edges, and the size of the picture."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    width: float
    height: float


def layout(needs: Mapping[str, Sequence[str]], widths: Mapping[str, float]) -> Layout:
    """Return where each service goes; `needs` maps every service to what it waits for, in file order.

    Cycles (which no engine would start) are cut where they close.
    """
    links = _acyclic({name: [need for need in found if need in needs] for name, found in needs.items()})
    layer = _layers(links)
    rows, chains = _with_passages(links, layer)
    _uncross(rows, chains)
    size = {name: widths[name] for name in needs}
    total = max((_row_width(row, size) for row in rows), default=0.0)
    place = _placed(rows, size, total)
    boxes = tuple(
        Box(name=name, x=place[name][0] - size[name] / 2, y=place[name][1], width=size[name], height=_HEIGHT)
        for name in needs
    )
    edges = tuple(Edge(source=chain[0], target=chain[-1], path=_path(chain, place)) for chain in chains)
    height = len(rows) * _HEIGHT + max(len(rows) - 1, 0) * _BETWEEN + 2 * _MARGIN
    return Layout(boxes=boxes, edges=edges, width=total + 2 * _MARGIN, height=height)


def _acyclic(needs: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    links: dict[str, list[str]] = {name: [] for name in needs}
    for name, found in needs.items():
        for need in dict.fromkeys(found):
            if not _reaches(links, need, name):
                links[name].append(need)
    return links


def _reaches(links: Mapping[str, Sequence[str]], start: str, goal: str) -> bool:
    open_, seen = [start], set()
    while open_:
        name = open_.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            open_ += links[name]
    return False


def _layers(links: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The longest way from a service that nobody waits for."""
    layer = dict.fromkeys(links, 0)
    for _ in links:  # at most as many rounds as services; each settles one more layer
        moved = False
        for name, found in links.items():
            for need in found:
                if layer[need] <= layer[name]:
                    layer[need], moved = layer[name] + 1, True
        if not moved:
            break
    return _nearer(links, layer)


def _nearer(links: Mapping[str, Sequence[str]], layer: dict[str, int]) -> dict[str, int]:
    """Move what nobody waits for down, close to what it waits for itself: short lines are easier to follow."""
    waited_for = {need for found in links.values() for need in found}
    bottom = max(layer.values(), default=0)
    for name, found in links.items():
        if name not in waited_for:
            layer[name] = min((layer[need] for need in found), default=bottom + 1) - 1
    return layer


def _with_passages(
    links: Mapping[str, Sequence[str]], layer: Mapping[str, int]
) -> tuple[list[list[str]], list[list[str]]]:
    """Rows of names, and each edge as a chain through them; an edge that skips a layer gets a passage there."""
    rows: list[list[str]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for name, number in layer.items():
        rows[number].append(name)
    chains = []
    for name, found in links.items():
        for need in found:
            chain = [name]
            for number in range(layer[name] + 1, layer[need]):
                passage = f"\0{name}\0{need}\0{number}"  # no service is called so
                rows[number].append(passage)
                chain.append(passage)
            chains.append([*chain, need])
    return rows, chains


def _uncross(rows: list[list[str]], chains: Sequence[Sequence[str]]) -> None:
    """Order each row by the middle of its neighbours, downwards and upwards in turn."""
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for chain in chains:
        for upper, lower in pairwise(chain):
            above.setdefault(lower, []).append(upper)
            below.setdefault(upper, []).append(lower)
    for sweep in range(_SWEEPS):
        neighbours, order = (above, rows[1:]) if sweep % 2 == 0 else (below, rows[-2::-1])
        for row in order:
            at = {name: (number + 0.5) / len(each) for each in rows for number, name in enumerate(each)}
            middle = {name: _middle(neighbours.get(name, ()), at, at[name]) for name in row}
            row.sort(key=middle.__getitem__)


def _middle(names: Sequence[str], at: Mapping[str, float], otherwise: float) -> float:
    return sum(at[name] for name in names) / len(names) if names else otherwise


def _row_width(row: Sequence[str], size: Mapping[str, float]) -> float:
    return sum(size.get(name, _PASSAGE) for name in row) + _GAP * max(len(row) - 1, 0)


def _placed(rows: Sequence[Sequence[str]], size: Mapping[str, float], total: float) -> dict[str, tuple[float, float]]:
    """The middle of the upper side of every box and passage; each row stands in the middle."""
    place = {}
    for number, row in enumerate(rows):
        x = _MARGIN + (total - _row_width(row, size)) / 2
        y = _MARGIN + number * (_HEIGHT + _BETWEEN)
        for name in row:
            width = size.get(name, _PASSAGE)
            place[name] = (x + width / 2, y)
            x += width + _GAP
    return place


def _path(chain: Sequence[str], place: Mapping[str, tuple[float, float]]) -> str:
    x, y = place[chain[0]]
    parts = [f"M{x:.1f} {y + _HEIGHT:.1f}"]
    from_x, from_y = x, y + _HEIGHT
    for number, name in enumerate(chain[1:], start=2):
        to_x, to_y = place[name]
        half = (from_y + to_y) / 2
        parts.append(f"C{from_x:.1f} {half:.1f} {to_x:.1f} {half:.1f} {to_x:.1f} {to_y:.1f}")
        from_x, from_y = to_x, to_y
        if number < len(chain):
            parts.append(f"V{to_y + _HEIGHT:.1f}")
            from_y = to_y + _HEIGHT
    return "".join(parts)
