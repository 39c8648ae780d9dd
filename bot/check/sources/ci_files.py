"""What continuous integration does, read from its files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.check.tree import Tree
from bot.parse.source import Source

_CI: Final = re.compile(
    r"^\.github/workflows/[^/]+\.ya?ml\Z|^\.gitlab-ci\.ya?ml\Z|^\.gitlab/ci/.*\.ya?ml\Z|^\.circleci/config\.ya?ml\Z"
    r"|^azure-pipelines\.ya?ml\Z|^bitbucket-pipelines\.ya?ml\Z|^Jenkinsfile\Z|^\.woodpecker(?:/.*)?\.ya?ml\Z|^\.drone\.ya?ml\Z"
)


def ci_files(tree: Tree) -> Iterator[Source]:
    """Yield the files of continuous integration, comments blanked out so that every offset stays."""
    for path in tree.files:
        if _CI.match(path):
            source = tree.read(path)
            if source is not None:
                yield Source(path, without_comments(source.text))


def without_comments(text: str) -> str:
    """Return YAML text with whole-line and trailing comments blanked out."""
    return re.sub(r"(?m)(^|(?<=[ \t]))#[^\n]*", lambda match: " " * len(match[0]), text)
