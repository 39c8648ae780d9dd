"""The escape rules on a stack that was read here, without Docker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bot.check.escapes.escape import Box, Escape, Keys
from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding
from bot.parse.compose import ComposeStack
from bot.parse.nodes import Mapping as MappingNode
from bot.parse.nodes import Node, Scalar, Sequence
from bot.parse.source import Span

Detector = Callable[[Mapping[str, Any], Box], Iterator[Escape]]


def static_findings(tree: Tree, rule: Rule, detector: Detector) -> Iterator[Finding]:
    """Run one detector over every stack of the tree, and place what it finds."""
    for stack in tree.stacks:
        box = Box(tree.root, tree.root / stack.folder)
        for escape in tree.remember((detector, stack.path), partial(_found, tree, stack, box, detector)):
            if escape.rule == rule.name:
                yield rule.finding(place(stack.root, escape.keys), escape.message)


def _found(tree: Tree, stack: ComposeStack, box: Box, detector: Detector) -> tuple[Escape, ...]:
    config = tree.remember(("config", stack.path), lambda: absolute(stack, box.root))
    return tuple(detector(config, box))


def escapes_of(stack: ComposeStack, box: Box, detectors: Iterable[Detector]) -> Iterator[Escape]:
    """Run detectors over a stack."""
    config = absolute(stack, box.root)
    for detector in detectors:
        yield from detector(config, box)


def place(root: Node, keys: Keys) -> Span:
    """Return where the value at `keys` is written, or the nearest thing around it that is."""
    node, span = root, root.span
    for key in keys:
        following: Node | None = None
        if isinstance(node, MappingNode) and isinstance(key, str):
            entry = node.entry(key)
            following = entry.value if entry is not None else None
            if entry is not None:
                span = entry.key.span
        elif isinstance(node, Sequence) and isinstance(key, int) and key < len(node.items):
            following = node.items[key]
        if following is None:
            return span
        node = following
        if isinstance(node, Scalar) or isinstance(key, int):
            span = node.span
    return span


def absolute(stack: ComposeStack, root: Path) -> dict[str, Any]:
    """Return the stack as ordinary values, in which every relative path starts with the folder it is relative to."""
    result: dict[str, Any] = {}
    for entry in stack.root.entries:
        result[entry.key.text] = _value(entry.value, (entry.key.text,), root)
    return result


_PATHS = frozenset(
    {"context", "file", "path", "env_file", "label_file", "include", "build", "device", "credential_spec"}
)


def _value(node: Node, keys: Keys, root: Path) -> Any:
    if isinstance(node, Scalar):
        return _scalar(node, keys, root)
    if isinstance(node, Sequence):
        return [_value(item, (*keys, index), root) for index, item in enumerate(node.items)]
    return {entry.key.text: _value(entry.value, (*keys, entry.key.text), root) for entry in node.entries}


def _scalar(node: Scalar, keys: Keys, root: Path) -> object:
    if node.unknown:
        return node.raw if "${" in node.raw else "${}"
    text = node.value
    names = [key for key in keys if isinstance(key, str)]
    if not isinstance(text, str) or names[:1] not in (["services"], ["include"], ["configs"], ["secrets"], ["volumes"]):
        return text
    folder = root / node.base
    if names[-1] == "volumes" and names[0] == "services" and text.startswith("."):
        return str(folder) + "/" + text
    if names[-1] == "source" and names[-2:-1] == ["volumes"] and text.startswith("."):
        return str(folder) + "/" + text
    is_path = names[-1] in _PATHS or names[-2:-1] == ["additional_contexts"]
    if is_path and text.startswith("."):
        return str(folder) + "/" + text
    plain_name = is_path and "://" not in text and "@" not in text and not text.startswith(("/", "~", "github.com/"))
    if plain_name and names[-1] in {"context", "file", "path", "env_file", "label_file"}:
        return str(folder) + "/" + text
    return text
