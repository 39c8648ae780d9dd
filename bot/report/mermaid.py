"""Mermaid diagrams whose ids and labels are always well-formed, whatever the services are called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from bot.report import plain

# Words that Mermaid's flowchart grammar reads as its own, in any case.
_RESERVED: Final = frozenset(
    (
        "end",
        "graph",
        "subgraph",
        "flowchart",
        "click",
        "style",
        "class",
        "classdef",
        "linkstyle",
        "default",
        "call",
        "href",
        "direction",
        "interpolate",
        "tb",
        "td",
        "bt",
        "rl",
        "lr",
        "accdescr",
        "acctitle",
    )
)
_PLAIN_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_IN_LABEL: Final = re.compile(r"[^\w ./:()=,+-]|^\d+\.|^[-+]|_(?![^\W_])|(?<![^\W_])_")
_IN_GANTT: Final = re.compile(r"[^\w ./()+-]")


def label(words: str, *, limit: int = 40) -> str:
    """Return `words` as a quoted label; what Mermaid or Markdown would read becomes a numeric entity."""
    line = plain.line(words, limit=limit) or " "
    coded = _IN_LABEL.sub(lambda found: "".join(f"#{ord(character)};" for character in found[0]), line)
    return f'"{coded}"'


def gantt_text(words: str, *, limit: int = 40) -> str:
    """Return `words` for a section or task of a Gantt chart, where nothing can be escaped: other signs become `?`."""
    return _IN_GANTT.sub("?", plain.line(words, limit=limit)) or "?"


class Names:
    """Node ids for names: the name itself where Mermaid reads it as an id, otherwise `n1`, `n2` ... with a label."""

    def __init__(self, names: Iterable[str]) -> None:
        self._ids: dict[str, str] = {}
        own = list(dict.fromkeys(names))
        taken = {name for name in own if self._clean(name)}
        number = 0
        for name in own:
            if name in taken:
                self._ids[name] = name
                continue
            number += 1
            while f"n{number}" in taken:
                number += 1
            self._ids[name] = f"n{number}"

    @staticmethod
    def _clean(name: str) -> bool:
        return bool(_PLAIN_ID.fullmatch(name)) and name.lower() not in _RESERVED and name.lower() not in {"x", "o"}

    def __getitem__(self, name: str) -> str:
        return self._ids[name]

    def __contains__(self, name: object) -> bool:
        return name in self._ids

    def node(self, name: str, shape: tuple[str, str] = ("[", "]"), *, state: str = "") -> str:
        """Return the node's declaration, with its label, its shape and its class."""
        identity = self._ids[name]
        suffix = f":::{state}" if state else ""
        if identity == name and shape == ("[", "]"):
            return f"{identity}{suffix}"
        return f"{identity}{shape[0]}{label(name)}{shape[1]}{suffix}"


def flowchart(
    nodes: Sequence[str], edges: Sequence[str], classes: Mapping[str, str] | None = None, *, direction: str = "LR"
) -> str:
    """Return a flowchart from finished node and edge lines; `classes` are name and style."""
    styles = [f"classDef {name} {style}" for name, style in (classes or {}).items()]
    return "\n".join([f"flowchart {direction}", *(f"  {line}" for line in (*nodes, *edges, *styles))])
