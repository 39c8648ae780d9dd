"""escape-unconfined: security profiles that are off."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.escapes.privilege import unconfined
from bot.check.escapes.static import static_findings
from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity


def _check(tree: Tree) -> Iterator[Finding]:
    yield from static_findings(tree, RULE, unconfined)


RULE = Rule(
    name="escape-unconfined",
    code="escape-unconfined",
    severity=Severity.ERROR,
    summary="seccomp, AppArmor or labels switched off or replaced",
    needs=("compose",),
    check=_check,
)
