"""ENV01: ids that nobody is told to set."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join

from bot.check.ownership import told_ids
from bot.check.rule import Rule, safe
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        uses = [found for found in stack.uses if found.use.name in {"UID", "GID"}]
        if not uses:
            continue
        path = join(stack.folder, ".env.example")
        example, edits = tree.env_file(path), told_ids(tree, stack)
        if example is None or not edits:
            continue  # without the file env-example-missing says so
        missing = " and ".join(name for name in ("UID", "GID") if name not in example.names())
        yield RULE.finding(
            uses[0].span,
            f"`{uses[0].use.name}` is used here, but `{path}` does not define {missing}: shells do not export "
            "it, so compose "
            "falls back or runs as root.",
            safe(f"define {missing} in {path}", *edits),
        )


RULE = Rule(
    name="env-uid-gid",
    code="ENV01",
    severity=Severity.ERROR,
    summary="`${UID}` or `${GID}` used, but not both defined in `.env.example`",
    needs=("compose", "tree"),
    fix="safe",
    check=_check,
)
