"""LAY01: a compose file that is not in `src/`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename, dirname
from typing import Final

from bot.check.layout import SRC, is_src
from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity

_NAME: Final = re.compile(r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml\Z")
# Stacks that are not the project's own: of editors, tests, examples and documents.
_ASIDE: Final = re.compile(r"(?:^|/)(?:\.[^/]+|tests?|e2e|fixtures|examples?|samples?|testdata|docs?)/")
_SECTION: Final = re.compile(r"^(?:services|volumes|networks)\s*:", re.MULTILINE)


def _check(tree: Tree) -> Iterator[Finding]:
    if is_src(tree):
        return
    paths = [path for path in tree.files if _NAME.match(basename(path)) and not _ASIDE.search(path)]
    in_place = any(dirname(path) == SRC for path in paths)
    for path in paths:
        inside = path.startswith(f"{SRC}/")
        if dirname(path) == SRC or (inside and in_place) or not tree.wrote(path):
            continue
        source = tree.read(path)
        if source is None or not _SECTION.search(source.text):
            continue  # a file that only includes others, or no compose file at all
        yield RULE.finding(
            source.line_span(1),
            f"`{path}` belongs in `{SRC}/`: commands, paths and `.env` of this project start from "
            f"`{SRC}/docker-compose.yml`.",
        )


RULE = Rule(
    name="compose-location",
    code="LAY01",
    severity=Severity.ERROR,
    summary="the compose file is not in `src/`",
    needs=("tree",),
    check=_check,
)
