"""escape-host-namespace: the machine's namespaces."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.escapes.namespace import host_namespace
from bot.check.escapes.static import static_findings
from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity


def _check(tree: Tree) -> Iterator[Finding]:
    yield from static_findings(tree, RULE, host_namespace)


RULE = Rule(
    name="escape-host-namespace",
    code="escape-host-namespace",
    severity=Severity.ERROR,
    summary="network, pid, ipc, userns, uts or cgroup of the machine or of a foreign container",
    needs=("compose",),
    check=_check,
)
