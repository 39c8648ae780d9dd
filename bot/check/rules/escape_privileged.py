"""escape-privileged: privileges of the machine itself."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.escapes.privilege import privileged
from bot.check.escapes.static import static_findings
from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity


def _check(tree: Tree) -> Iterator[Finding]:
    yield from static_findings(tree, RULE, privileged)


RULE = Rule(
    name="escape-privileged",
    code="escape-privileged",
    severity=Severity.ERROR,
    summary="a privileged container, build or hook, or a provider",
    needs=("compose",),
    check=_check,
)
