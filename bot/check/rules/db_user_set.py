"""PERM03: a database that may not prepare its own data."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.ownership import database_of
from bot.check.rule import Rule, safe
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.yaml_edit import remove_entry


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        for service in stack.services:
            entry = service.node.entry("user")
            if entry is None or service.user is None or not database_of(tree, service):
                continue
            edit = remove_entry(service.node, entry)
            yield RULE.finding(
                entry.key.span,
                f"`{service.name}` is a database and sets `user:`. Its image begins as root to prepare the data "
                "directory and "
                "then changes to its own user; as another it cannot, and stops.",
                safe("remove `user:`", edit) if edit is not None else None,
            )


RULE = Rule(
    name="db-user-set",
    code="PERM03",
    severity=Severity.ERROR,
    summary="a database service sets `user:`",
    needs=("compose",),
    fix="safe",
    check=_check,
)
