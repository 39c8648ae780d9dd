"""DF01: `pecl install` on Alpine without the tools that compile an extension."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.rule import Rule, safe
from bot.check.sources.apk import commands_with_packages, is_php_alpine, pecl_install
from bot.check.sources.once import each_place_once
from bot.check.sources.run_edits import around
from bot.check.sources.stage_images import own_instructions, stage_images
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity


@each_place_once
def _check(tree: Tree) -> Iterator[Finding]:
    for context, image in stage_images(tree):
        if not is_php_alpine(image):
            continue
        own = own_instructions(image)
        told: set[int] = set()
        for instruction, command, packages in commands_with_packages(image):
            found = pecl_install(instruction, command)
            if found is None or instruction.start not in own or packages.can_phpize or packages.unknown:
                continue
            if instruction.start in told:
                continue
            told.add(instruction.start)
            edits = around(
                context.dockerfile,
                instruction,
                command,
                "apk add --no-cache --virtual .phpize-deps $PHPIZE_DEPS",
                "apk del .phpize-deps",
            )
            yield RULE.finding(
                context.dockerfile.span(command.words[0]),
                "`pecl` compiles, but this Alpine image has neither autoconf nor a compiler: the build stops with "
                '"Cannot '
                'find autoconf". Add `$PHPIZE_DEPS` first.',
                safe("add `$PHPIZE_DEPS` for this step and remove it again", *edits) if edits else None,
            )


RULE = Rule(
    name="pecl-phpize-deps",
    code="DF01",
    severity=Severity.ERROR,
    summary="pecl on Alpine without `$PHPIZE_DEPS` or autoconf, gcc and make",
    needs=("dockerfile",),
    check=_check,
    fix="safe",
)
