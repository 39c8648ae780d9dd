"""LAY10: a README at the top of the repository that a run made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity

_README: Final = re.compile(r"readme(?:\.(?:md|txt|rst))?\Z", re.IGNORECASE)
# A README whose very title is the infrastructure was not written by the project's owner.
_TITLE: Final = re.compile(
    r"^#\s+.*\b(?:infrastructure|docker(?:\s+compose)?\s+(?:setup|environment|infrastructure|stack|configuration))\b",
    re.IGNORECASE,
)


def _check(tree: Tree) -> Iterator[Finding]:
    for path in tree.files:
        if not _README.match(path):
            continue
        source = tree.read(path)
        if source is None:
            continue
        first = next((line for line in source.text.splitlines() if line.strip()), "")
        made = (
            path in tree.changed if tree.changed is not None else _TITLE.match(first) is not None and bool(tree.stacks)
        )
        if made:
            yield RULE.finding(
                source.line_span(1),
                f"`{path}` is the project's own page; how to run the stack belongs in `src/README.md`, and only if "
                f"asked for.",
            )


RULE = Rule(
    name="root-readme",
    code="LAY10",
    severity=Severity.INFO,
    summary="a README at the project root made by the run",
    needs=("tree",),
    check=_check,
)
