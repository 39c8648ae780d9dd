"""PERM04: database files on a host path."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.ownership import data_mount, database_of
from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        for service in stack.services:
            mount = data_mount(service, database_of(tree, service) or service.image_name)
            if mount is None or mount.kind != "bind":
                continue
            yield RULE.finding(
                mount.node.span,
                f"`{service.name}` keeps its data in the host path `{mount.source}`: its files belong to the "
                "image's user, so "
                "you cannot delete them, and on macOS and Windows they break or crawl. Use a named volume.",
            )


RULE = Rule(
    name="db-bind-mount",
    code="PERM04",
    severity=Severity.ERROR,
    summary="a database's data directory is a host path",
    needs=("compose",),
    check=_check,
)
