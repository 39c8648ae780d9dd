"""PERM01: a container that writes into the code as root."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.ownership import USER, code_binds, root_needed, told_ids
from bot.check.rule import Rule, safe
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.compose import Service
from bot.parse.yaml_edit import add_entry, own_entries


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        for service in stack.services:
            if service.build is None or "user" in service.node or root_needed(tree, service):
                continue
            binds = code_binds(tree, service)
            if not binds:
                continue
            ids = told_ids(tree, stack)
            anchor = next((e for e in own_entries(service.node) if e.key.text in {"build", "image"}), None)
            edit = add_entry(service.node, (f'user: "{USER}"',), after=anchor)
            yield RULE.finding(
                service.key.span,
                f"`{service.name}` mounts code from the host (`{binds[0].source}`) and has no `user:`: what it "
                f"writes there {_whose(tree, service)}.",
                safe("run as the host's user", edit, *ids) if edit is not None and ids is not None else None,
            )


def _whose(tree: Tree, service: Service) -> str:
    """Say to whom files of the container belong, and what comes of it."""
    built = tree.built(service)
    name = built.image.user.partition(":")[0] if built is not None and built.image is not None else ""
    if name in {"", "root", "0"}:
        return "belongs to root, and you cannot delete it"
    return f"belongs to `{name}` of the image, which is you on some machines only, and on others it cannot write at all"


RULE = Rule(
    name="app-user-missing",
    code="PERM01",
    severity=Severity.ERROR,
    summary="a built service with a code bind mount and no `user:`",
    needs=("compose",),
    fix="safe",
    check=_check,
)
