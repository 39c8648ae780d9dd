"""escape-remote-source: sources from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.escapes.reach import remote_source
from bot.check.escapes.static import static_findings
from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity


def _check(tree: Tree) -> Iterator[Finding]:
    yield from static_findings(tree, RULE, remote_source)


RULE = Rule(
    name="escape-remote-source",
    code="escape-remote-source",
    severity=Severity.ERROR,
    summary="a remote include, extends or build context, or an env file, context or Dockerfile outside the tree",
    needs=("compose",),
    check=_check,
)
