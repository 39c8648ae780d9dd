"""ENV02: a variable that nobody is told to set."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join

from bot.check.rule import Rule, safe
from bot.check.tree import Tree
from bot.model.finding import Edit, Finding, Severity

# Set by every shell or by compose itself.
_GIVEN = frozenset({"PWD", "HOME", "USER", "PATH", "HOSTNAME", "SHELL", "COMPOSE_PROJECT_NAME", "UID", "GID"})


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        path = join(stack.folder, ".env.example")
        example = tree.env_file(path)
        if example is None:
            continue  # env-example-missing says so
        told: set[str] = set()
        for found in stack.uses:
            use = found.use
            if use.name in told or use.name in _GIVEN or use.default is not None or use.name in example.names():
                continue
            told.add(use.name)
            end = len(example.source.text)
            lead = "\n" if example.source.text and not example.source.text.endswith("\n") else ""
            edit = Edit(path=path, start=end, end=end, text=f"{lead}{use.name}=\n")
            yield RULE.finding(
                found.span,
                f"`{use.name}` has no default and is not in `{path}`: whoever copies that file gets an empty "
                "value, or an error.",
                safe(f"add {use.name} to {path}", edit),
            )


RULE = Rule(
    name="env-var-undefined",
    code="ENV02",
    severity=Severity.WARNING,
    summary="an interpolated variable without default is not in `.env.example`",
    needs=("compose", "tree"),
    fix="safe",
    check=_check,
)
