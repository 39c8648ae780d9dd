"""Manifests as text: plain YAML in the order in which a person reads it, short lists on one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from bot.blueprint.skill import RenderedFile

Manifest = Mapping[str, Any]
_WIDTH: Final = 110


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, and knows no anchors."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 - PyYAML's signature
        del indentless
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _sequence(dumper: yaml.SafeDumper, items: Sequence[Any]) -> yaml.SequenceNode:
    plain = all(isinstance(item, str) for item in items) and sum(len(item) + 4 for item in items) < _WIDTH
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=plain)


_Dumper.add_representer(list, _sequence)
_Dumper.add_representer(tuple, _sequence)


def manifest_file(path: str, why: str, manifests: Sequence[Manifest]) -> RenderedFile:
    """Return a file with `manifests`, under a comment that says what it is for."""
    documents = [
        yaml.dump(dict(one), Dumper=_Dumper, sort_keys=False, width=_WIDTH, allow_unicode=True) for one in manifests
    ]
    text = "---\n".join(documents)
    return RenderedFile(path=path, content=f"# {why}\n{text}".encode())
