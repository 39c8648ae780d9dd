"""The gate before an untrusted stack runs on our own machine: every way out, on the resolved configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bot.check.escapes.escape import Box, Escape
from bot.check.escapes.namespace import host_namespace
from bot.check.escapes.privilege import capability, device, privileged, unconfined
from bot.check.escapes.reach import foreign_volumes, reached_paths, remote_source
from bot.check.escapes.static import Detector, escapes_of, place
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.compose import ComposeStack

_DETECTORS: Final[tuple[Detector, ...]] = (
    privileged,
    host_namespace,
    capability,
    device,
    unconfined,
    reached_paths,
    remote_source,
)


def escape_findings(config: Mapping[str, Any], root: Path) -> tuple[Finding, ...]:
    """Return why a stack must not run here; empty where nothing leaves the box.

    No configuration of the repository and no comment in its files can silence this gate.

    Args:
        config: The mapping that `docker compose config --format json` gives; its paths are absolute.
        root: The tree that the stack must stay in.
    """
    tree = Tree(root)
    stack = tree.stack
    folder = tree.root / stack.folder if stack is not None else tree.root
    box = Box(tree.root, folder)
    found = [escape for detector in (*_DETECTORS, foreign_volumes) for escape in detector(config, box)]
    if stack is not None:  # includes, extends and env files are swallowed in resolving: look at what is written
        found += [
            escape for escape in escapes_of(stack, box, (remote_source,)) if escape.rule == "escape-remote-source"
        ]
    unique = {(escape.rule, escape.keys): escape for escape in reversed(found)}
    return tuple(_finding(escape, stack) for escape in reversed(unique.values()))


def _finding(escape: Escape, stack: ComposeStack | None) -> Finding:
    span = place(stack.root, escape.keys) if stack is not None else None
    return Finding(
        rule=escape.rule,
        code=escape.rule,
        severity=Severity.ERROR,
        path=span.path if span is not None else "docker-compose.yml",
        line=span.line if span is not None else 1,
        column=span.column if span is not None else 1,
        end_line=span.end_line if span is not None else 0,
        end_column=span.end_column if span is not None else 0,
        message=escape.message,
    )
