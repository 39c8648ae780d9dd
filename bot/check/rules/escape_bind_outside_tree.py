"""escape-bind-outside-tree: host paths outside the tree."""

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
    name="escape-bind-outside-tree",
    code="escape-bind-outside-tree",
    severity=Severity.ERROR,
    summary="a bind, a volume that is one, or a file of a config or secret outside the tree (symlinks resolved)",
    needs=("compose",),
    check=_check,
)
