"""ENV01: ids that nobody is told to set."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join

from bot.check.rule import Rule, safe
from bot.check.tree import Tree
from bot.model.finding import Edit, Finding, Severity


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        uses = [found for found in stack.uses if found.use.name in {"UID", "GID"}]
        if not uses:
            continue
        path = join(stack.folder, ".env.example")
        example = tree.env_file(path)
        if example is None and tree.exists(path):
            continue
        missing = [name for name in ("UID", "GID") if example is None or name not in example.names()]
        if not missing:
            continue
        text = "".join(f"{name}=1000\n" for name in missing)
        end = len(example.source.text) if example is not None else 0
        if example is not None and example.source.text and not example.source.text.endswith("\n"):
            text = "\n" + text
        yield RULE.finding(
            uses[0].span,
            f"`{uses[0].use.name}` is used here, but `{path}` does not define {' and '.join(missing)}: shells do not export "
            "it, so compose falls back or runs as root.",
            safe(f"define {' and '.join(missing)} in {path}", Edit(path=path, start=end, end=end, text=text))
            if example is not None
            else None,
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
