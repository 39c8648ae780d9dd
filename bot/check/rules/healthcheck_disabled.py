"""HC02: a health check that is switched off."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        for service in stack.services:
            check = service.healthcheck
            if check is not None and check.disabled_at is not None:
                yield RULE.finding(
                    check.disabled_at,
                    f"The health check of `{service.name}` is switched off, so nothing can wait for it or notice that "
                    "it hangs.",
                )
    for dockerfile in tree.dockerfiles:
        for instruction in dockerfile.healthchecks.values():
            if instruction.none:
                yield RULE.finding(
                    dockerfile.span(instruction.instruction),
                    "`HEALTHCHECK NONE` switches the health check off, so nothing can wait for this container or "
                    "notice that it hangs.",
                )


RULE = Rule(
    name="healthcheck-disabled",
    code="HC02",
    severity=Severity.ERROR,
    summary="`disable: true`, `test: NONE` or `HEALTHCHECK NONE`",
    needs=("compose", "dockerfile"),
    check=_check,
)
