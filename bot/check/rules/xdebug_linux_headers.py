"""DF02: xdebug from PECL on Alpine without the kernel headers it includes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.check.rule import Rule, safe
from bot.check.sources.apk import PHPIZE, commands_with_packages, is_php_alpine, pecl_install
from bot.check.sources.once import each_place_once
from bot.check.sources.run_edits import around, plain_run
from bot.check.sources.stage_images import own_instructions, stage_images
from bot.check.tree import Tree
from bot.model.finding import Edit, Finding, Fix, Severity
from bot.parse.dockerfile_model import Dockerfile, Instruction
from bot.parse.shell import Command


@each_place_once
def _check(tree: Tree) -> Iterator[Finding]:
    for context, image in stage_images(tree):
        if not is_php_alpine(image):
            continue
        own = own_instructions(image)
        adding: tuple[Instruction, Command] | None = None
        for instruction, command, packages in commands_with_packages(image):
            if command.program == "apk" and any("PHPIZE_DEPS" in word for word in command.arguments):
                adding = (instruction, command)
            found = pecl_install(instruction, command)
            if found is None or instruction.start not in own or packages.unknown:
                continue
            version = next((version for name, version in found.extensions if name == "xdebug"), None)
            if version is None or "linux-headers" in packages.there or not _needs_headers(version):
                continue
            usable = adding if adding is not None and adding[0].start in own and PHPIZE in packages.there else None
            yield RULE.finding(
                context.dockerfile.span(command.words[0]),
                "xdebug includes `linux/rtnetlink.h`, which Alpine has in `linux-headers` only: the build stops there.",
                _fix(context.dockerfile, instruction, command, usable),
            )
            break


def _needs_headers(version: str) -> bool:
    """Whether this version includes rtnetlink.h: since 3.2."""
    match = re.match(r"(\d+)(?:\.(\d+))?", version)
    return not match or (int(match[1]), int(match[2] or 99)) >= (3, 2)


def _fix(
    dockerfile: Dockerfile, instruction: Instruction, command: Command, adding: tuple[Instruction, Command] | None
) -> Fix | None:
    if adding is not None and plain_run(dockerfile, *adding):
        word = next(word for word in adding[1].words if "PHPIZE_DEPS" in word.value)
        edit = Edit(path=dockerfile.path, start=word.end, end=word.end, text=" linux-headers")
        return safe("add `linux-headers`", edit)
    edits = around(
        dockerfile,
        instruction,
        command,
        "apk add --no-cache --virtual .xdebug-deps linux-headers",
        "apk del .xdebug-deps",
    )
    return safe("add `linux-headers` for this step and remove it again", *edits) if edits else None


RULE = Rule(
    name="xdebug-linux-headers",
    code="DF02",
    severity=Severity.ERROR,
    summary="xdebug from pecl on Alpine without `linux-headers`",
    needs=("dockerfile",),
    check=_check,
    fix="safe",
)
