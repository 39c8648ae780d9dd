"""LAY07: a stack that interpolates variables, and no `.env.example` that says which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import join
from typing import Final

from bot.check.rule import Rule, safe
from bot.check.tree import Tree
from bot.model.finding import Edit, Finding, Fix, Severity
from bot.parse.compose import ComposeStack

# Every shell sets these, so nobody needs to be told.
_SHELL: Final = frozenset({"PWD", "HOME", "USER", "HOSTNAME", "SHELL", "PATH"})
_OTHER_NAMES: Final = (".env.sample", ".env.dist", ".env.template", "env.example", ".env.tpl")
_SECRET: Final = re.compile(r"PASS(?:WORD|WD)?|SECRET|TOKEN|KEY")


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        path = join(stack.folder, ".env.example")
        uses = [use for use in stack.uses if use.use.name not in _SHELL]
        if not uses or tree.is_file(path) or any(tree.is_file(join(stack.folder, name)) for name in _OTHER_NAMES):
            continue
        names = sorted({use.use.name for use in uses})
        shown = ", ".join(f"`{name}`" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        yield RULE.finding(
            uses[0].span,
            f"This stack reads {shown}, but there is no `{path}` that tells people what to set.",
            _fix(stack, path),
        )


def _fix(stack: ComposeStack, path: str) -> Fix:
    values: dict[str, str] = {}
    for use in stack.uses:
        name, default = use.use.name, use.use.default
        if name in _SHELL or values.get(name):
            continue
        values[name] = default if default and "$" not in default else _value(name)
    lines = "".join(f"{name}={value}\n" for name, value in values.items())
    head = "# Copy to .env and set what is yours; .env is never committed.\n"
    return safe(f"make `{path}` with the {len(values)} variables", Edit(path=path, text=head + lines))


def _value(name: str) -> str:
    if name in {"UID", "GID"}:
        return "1000"
    return "change-me" if _SECRET.search(name.upper()) else ""


RULE = Rule(
    name="env-example-missing",
    code="LAY07",
    severity=Severity.WARNING,
    summary="variables are interpolated and there is no `src/.env.example`",
    needs=("compose", "tree"),
    check=_check,
    fix="safe",
)
