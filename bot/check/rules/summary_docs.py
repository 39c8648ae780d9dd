"""LAY09: summaries of the work that nobody asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename
from typing import Final

from bot.check.layout import SRC
from bot.check.rule import Rule, unsafe
from bot.check.tree import Tree
from bot.model.finding import Edit, Finding, Severity

_NAME: Final = re.compile(
    r"(?:INFRASTRUCTURE(?:[_-]\w+)*|\w+[_-]SUMMARY|SUMMARY[_-]\w+|(?:\w+[_-])?CHECKLIST(?:[_-]\w+)*|(?:DIRECTORY|PROJECT|FILE|FOLDER)[_-]?(?:STRUCTURE|TREE)"
    r"|IMPLEMENTATION[_-](?:NOTES|REPORT|COMPLETE|DETAILS|STATUS|GUIDE)|(?:\w+[_-])?(?:COMPLETION|VERIFICATION|STATUS|FINAL|DELIVERY)[_-]REPORT"
    r"|(?:TASK|SETUP|WORK|SPRINT|DEPLOYMENT|MIGRATION|DOCKER)[_-](?:COMPLETED?|DONE|STATUS|NOTES|OVERVIEW)|QUICK[_-]REFERENCE|CHANGES[_-]MADE|WHAT[_-]WAS[_-]DONE)"
    r"\.(?:md|txt|rst|adoc)\Z"
)
_LOWER: Final = re.compile(
    r"(?:infrastructure[_-](?:summary|overview|notes|setup)|\w+[_-]summary|directory[_-]structure|project[_-]structure|(?:\w+[_-])?checklist)"
    r"\.(?:md|txt)\Z"
)
_ASKING: Final = re.compile(
    r"(?:^|/)(?:IDEA|BUILD_SPEC|ARCHITECTURE|README|ISSUE|TASKS?)[^/]*\.md\Z|^\.autoflow/|^docs/", re.IGNORECASE
)
# The project's own documents, and what belongs to tools.
_OWN: Final = re.compile(r"^(?:docs?|documentation|wiki|\.[^/]+)/|/\.[^/]+/")


def _check(tree: Tree) -> Iterator[Finding]:
    asked = ""
    for path in tree.files:
        name = basename(path)
        if _OWN.search(path) or not (_NAME.match(name) or _LOWER.match(name)) or not tree.wrote(path):
            continue
        if "/" in path and not path.startswith(f"{SRC}/"):
            continue
        if not asked:
            asked = "\n".join(_asking(tree)) + "\n"
        if name in asked:
            continue
        yield RULE.missing(
            path,
            f"`{path}` tells what was done; nobody asked for it, and it is wrong after the next change. Delete it.",
            unsafe(f"delete `{path}`", Edit(path=path, delete=True)),
        )


def _asking(tree: Tree) -> Iterator[str]:
    """Yield the documents that may ask for a file."""
    for path in tree.files:
        if (
            _ASKING.search(path)
            and path.endswith(".md")
            and not (_NAME.match(basename(path)) or _LOWER.match(basename(path)))
        ):
            source = tree.read(path)
            if source is not None and (tree.changed is None or path not in tree.changed):
                yield source.text


RULE = Rule(
    name="summary-docs",
    code="LAY09",
    severity=Severity.WARNING,
    summary="summary documents that nobody asked for",
    needs=("tree",),
    check=_check,
)
