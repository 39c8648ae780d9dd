"""escape-device: devices of the machine."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.escapes.privilege import device
from bot.check.escapes.reach import reached_paths
from bot.check.escapes.static import static_findings
from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity


def _check(tree: Tree) -> Iterator[Finding]:
    yield from static_findings(tree, RULE, device)
    yield from static_findings(tree, RULE, reached_paths)


RULE = Rule(
    name="escape-device",
    code="escape-device",
    severity=Severity.ERROR,
    summary="devices of the machine, also by a bind of `/dev` or a volume's `device`",
    needs=("compose",),
    check=_check,
)
