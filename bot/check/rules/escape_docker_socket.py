"""escape-docker-socket: the container engine's socket."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.escapes.reach import reached_paths
from bot.check.escapes.static import static_findings
from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity


def _check(tree: Tree) -> Iterator[Finding]:
    yield from static_findings(tree, RULE, reached_paths)


RULE = Rule(
    name="escape-docker-socket",
    code="escape-docker-socket",
    severity=Severity.ERROR,
    summary="the container engine's socket, also by a folder above it",
    needs=("compose",),
    check=_check,
)
