"""LAY08: no `src/.gitignore`, or one that lets `.env` be committed."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.layout import SRC, is_src
from bot.check.rule import Rule, safe
from bot.check.sources.ignore_files import git_ignores
from bot.check.tree import Tree
from bot.model.finding import Edit, Finding, Severity

_PATH = f"{SRC}/.gitignore"
_TEXT = ".env\n.env.*\n!.env.example\nnode_modules/\nvendor/\n__pycache__/\n*.pyc\n.venv/\ndist/\n*.log\n"


def _check(tree: Tree) -> Iterator[Finding]:
    stack = next((stack for stack in tree.stacks if stack.folder == SRC), None)
    if stack is None or is_src(tree):
        return
    source = tree.read(_PATH)
    if source is None:
        if not tree.exists(_PATH):
            yield RULE.missing(
                stack.path,
                f"There is no `{_PATH}`, so `.env`, dependencies and build output are committed by the next `git add`.",
                safe(f"make `{_PATH}`", Edit(path=_PATH, text=_TEXT)),
            )
        return
    own = git_ignores(source.text, ".env")
    above = tree.read(".gitignore")
    whole = git_ignores(above.text, f"{SRC}/.env") if above is not None else None
    if own if own is not None else whole:
        return
    end = len(source.text)
    glue = "" if not source.text or source.text.endswith("\n") else source.newline
    edit = Edit(path=_PATH, start=end, end=end, text=f"{glue}.env{source.newline}")
    yield RULE.finding(
        source.line_span(1),
        f"`{_PATH}` does not ignore `.env`, so passwords are committed by the next `git add`.",
        safe("ignore `.env`", edit),
    )


RULE = Rule(
    name="gitignore-missing",
    code="LAY08",
    severity=Severity.WARNING,
    summary="no `src/.gitignore`, or `.env` not ignored",
    needs=("tree",),
    check=_check,
    fix="safe",
)
