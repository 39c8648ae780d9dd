"""escape-capability: added capabilities."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.escapes.privilege import capability
from bot.check.escapes.static import static_findings
from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity


def _check(tree: Tree) -> Iterator[Finding]:
    yield from static_findings(tree, RULE, capability)


RULE = Rule(
    name="escape-capability",
    code="escape-capability",
    severity=Severity.ERROR,
    summary="a capability that containers do not have",
    needs=("compose",),
    check=_check,
)
