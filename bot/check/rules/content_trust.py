"""SEC05: a deployment to production that takes images on trust."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.check.rule import Rule
from bot.check.sources.ci_files import ci_files, without_comments
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.source import Source

_DEPLOYS: Final = re.compile(
    r"\bdocker\s+stack\s+deploy\b|\bdocker\s+service\s+update\b|\bdocker\s+(?:image\s+)?pull\b"
    r"|\bdocker[ -]compose\b[^\n]*\bpull\b"
)
_PRODUCTION: Final = re.compile(r"\bprod(?:uction)?\b", re.IGNORECASE)
_TRUST: Final = re.compile(
    r"DOCKER_CONTENT_TRUST|\bcosign\b|\bnotation\b|sigstore|@sha256:|attest|--disable-content-trust=false|slsa"
)
_SCRIPT: Final = re.compile(r"(?:^|/)[\w.-]*deploy[\w.-]*\.(?:sh|bash)\Z")


def _check(tree: Tree) -> Iterator[Finding]:
    sources = [*ci_files(tree), *_scripts(tree)]
    if any(_TRUST.search(source.text) for source in sources):
        return
    for source in sources:
        match = _DEPLOYS.search(source.text)
        if match and _PRODUCTION.search(source.text) and tree.wrote(source.path):
            yield RULE.finding(
                source.span(match.start(), match.end()),
                "This brings images to production without looking who made them: set `DOCKER_CONTENT_TRUST=1`, "
                "verify a "
                "signature, or name images by digest.",
            )


def _scripts(tree: Tree) -> Iterator[Source]:
    for path in tree.files:
        if _SCRIPT.search(path):
            source = tree.read(path)
            if source is not None:
                yield Source(path, without_comments(source.text))


RULE = Rule(
    name="content-trust",
    code="SEC05",
    severity=Severity.INFO,
    summary="a production deployment without content trust",
    needs=("tree",),
    check=_check,
)
