"""PERM02: a user that fits one machine only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.check.ownership import USER, code_binds, database_of, root_needed, told_ids
from bot.check.rule import Rule, safe
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.yaml_edit import replace_value

_FIXED = re.compile(r"(?:root|\d+)(?::(?:root|\d+))?\Z")


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        for service in stack.services:
            user = service.user
            if user is None or database_of(tree, service):
                continue
            written = user.raw.strip()
            if not _FIXED.match(written) or root_needed(tree, service):
                continue
            is_root = written.partition(":")[0] in {"root", "0"} and service.build is not None
            if not is_root and not code_binds(tree, service):
                continue
            ids = told_ids(tree, stack)
            edit = replace_value(user, USER)
            if user.style == "":
                edit = type(edit)(path=edit.path, start=edit.start, end=edit.end, text=f'"{USER}"')
            yield RULE.finding(
                user.span,
                f"`{service.name}` always runs as `{written}`: where you have another id, what it writes into "
                "mounted code is "
                "not yours.",
                safe("run as the host's user", edit, *ids) if ids is not None else None,
            )


RULE = Rule(
    name="app-user-hardcoded",
    code="PERM02",
    severity=Severity.WARNING,
    summary='root, 0 or fixed numbers where `"${UID:-1000}:${GID:-1000}"` belongs',
    needs=("compose",),
    fix="safe",
    check=_check,
)
