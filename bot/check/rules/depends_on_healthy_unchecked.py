"""DEP02: waiting for health that nobody measures."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.probes import checked
from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        for service in stack.services:
            for need in service.depends_on:
                target = stack.service(need.service)
                if target is None or need.condition != "service_healthy" or checked(tree, target) is not False:
                    continue
                if need.service == service.name:
                    continue
                yield RULE.finding(
                    need.node.span,
                    f"`{service.name}` waits until `{need.service}` is healthy, but `{need.service}` has no "
                    "health check: "
                    "`docker compose up` stops with an error here.",
                )


RULE = Rule(
    name="depends-on-healthy-unchecked",
    code="DEP02",
    severity=Severity.ERROR,
    summary="`service_healthy` on a service without any check",
    needs=("compose", "dockerfile"),
    check=_check,
)
