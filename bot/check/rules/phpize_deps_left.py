"""DF04: compilers that stay in a PHP image that is shipped."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.check.rule import Rule
from bot.check.sources.apk import BUILD, PHPIZE, commands_with_packages, is_php_alpine
from bot.check.sources.once import each_place_once
from bot.check.sources.stage_images import stage_images
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity

_WORKSHOP = re.compile(r"dev|test|build|debug|local|ci\b|lint|tool")


@each_place_once
def _check(tree: Tree) -> Iterator[Finding]:
    for context, image in stage_images(tree):
        last = context.dockerfile.stages[-1]
        if image.stage is not last or not is_php_alpine(image) or _WORKSHOP.search(image.stage.name):
            continue
        at = None
        state = None
        for _instruction, command, packages in commands_with_packages(image):
            state = packages
            if at is None and command.program == "apk" and "add" in command.arguments:
                at = next((w for w in command.words if w.value in BUILD or "PHPIZE_DEPS" in w.value), None)
        left = sorted(state.there & BUILD) if state is not None and not state.unknown else []
        if at is None or not left:
            continue
        names = ", ".join(f"`{'$PHPIZE_DEPS' if name == PHPIZE else name}`" for name in left)
        yield RULE.finding(
            context.dockerfile.span(at),
            f"{names} stay in the final image: some 200 MB that nothing uses at run time, and a compiler for whoever "
            f"breaks "
            "in. Remove them in the same RUN.",
        )


RULE = Rule(
    name="phpize-deps-left",
    code="DF04",
    severity=Severity.INFO,
    summary="build dependencies never removed in a final stage",
    needs=("dockerfile",),
    check=_check,
)
