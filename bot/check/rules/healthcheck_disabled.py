"""HC02: a health check that is switched off."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.rule import Rule
from bot.check.sources.once import each_place_once
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.dockerfile_image import built_image
from bot.parse.dockerfile_model import Dockerfile, DockerfileHealthcheck


@each_place_once
def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        for service in stack.services:
            check = service.healthcheck
            if check is not None and check.disabled_at is not None:
                yield RULE.finding(
                    check.disabled_at,
                    f"The health check of `{service.name}` is switched off, so nothing can wait for it or notice that "
                    "it hangs.",
                )
    for built, dockerfile in _of_images(tree):
        if built is not None and built.none:
            yield RULE.finding(
                dockerfile.span(built.instruction),
                "`HEALTHCHECK NONE` switches the health check off, so nothing can wait for this container or "
                "notice that it hangs.",
            )


def _of_images(tree: Tree) -> Iterator[tuple[DockerfileHealthcheck | None, Dockerfile]]:
    """Yield the check in force in each image that is run as it is; one that compose replaces is not in force."""
    built = set()
    for one in tree.builds:
        if one.dockerfile is None or one.image is None:
            continue
        built.add(one.dockerfile.path)
        check = one.service.healthcheck
        if check is None or not check.form:
            yield one.image.healthcheck, one.dockerfile
    for dockerfile in tree.dockerfiles:
        image = built_image(dockerfile)
        if dockerfile.path not in built and image is not None:
            yield image.healthcheck, dockerfile


RULE = Rule(
    name="healthcheck-disabled",
    code="HC02",
    severity=Severity.ERROR,
    summary="`disable: true`, `test: NONE` or `HEALTHCHECK NONE`",
    needs=("compose", "dockerfile"),
    check=_check,
)
