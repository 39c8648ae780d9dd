"""SEC04: continuous integration that builds images and scans none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.check.rule import Rule
from bot.check.sources.ci_files import ci_files
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity

_BUILDS: Final = re.compile(
    r"\bdocker\s+(?:image\s+|buildx\s+)?build\b|\bdocker\s+buildx\s+bake\b|\bdocker[ -]compose\b[^\n]*\b(?:build\b"
    r"|up\b[^\n]*--build)"
    r"|docker/(?:build-push|bake)-action|redhat-actions/buildah-build|\bbuildah\s+(?:bud|build)\b|\bpodman\s+build\b"
    r"|\bkaniko\b|\bko\s+build\b"
)
_SCANS: Final = re.compile(
    r"trivy|grype|anchore|snyk|\bclair|docker[ /-]scout|dockle|sysdig|prisma-?cloud|twistlock|aquasec|wiz-?cli"
    r"|wizcli|osv-scanner"
    r"|container[_-]scanning|\bxray\b|jfrog|qualys|lacework|neuvector|checkmarx|\bmend\b|whitesource|docker\s+scan"
    r"|ecr\s+start-image-scan"
    r"|describe-image-scan|crowdstrike|security-scan|image-scan|scan-image|container-scan",
    re.IGNORECASE,
)


def _check(tree: Tree) -> Iterator[Finding]:
    sources = list(ci_files(tree))
    if any(_SCANS.search(source.text) for source in sources):
        return
    for source in sources:
        match = _BUILDS.search(source.text)
        if match and tree.wrote(source.path):
            yield RULE.finding(
                source.span(match.start(), match.end()),
                "This builds an image, and no workflow scans one: known holes in its packages reach production unseen.",
            )
            return


RULE = Rule(
    name="ci-no-scan",
    code="SEC04",
    severity=Severity.INFO,
    summary="CI builds images and scans none",
    needs=("tree",),
    check=_check,
)
