"""SEC02: a service without a limit on memory or CPU."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.compose import Service
from bot.parse.nodes import Mapping, Scalar

_KEYS = ("mem_limit", "cpus", "cpu_quota", "memswap_limit")


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        for service in stack.services:
            if service.name in stack.one_shots or service.profiles or _limited(service):
                continue
            yield RULE.finding(
                service.key.span,
                f"`{service.name}` has no limit on memory or CPU: a leak in it takes the whole host down, every "
                f"other service "
                "included.",
            )


def _limited(service: Service) -> bool:
    if any(isinstance(service.node.get(key), Scalar) for key in _KEYS):
        return True
    found = service.node.get("deploy")
    for key in ("resources", "limits"):
        found = found.get(key) if isinstance(found, Mapping) else None
    return isinstance(found, Mapping) and any(key in found for key in ("memory", "cpus"))


RULE = Rule(
    name="resource-limits",
    code="SEC02",
    severity=Severity.WARNING,
    summary="no memory or CPU limit",
    needs=("compose",),
    check=_check,
)
