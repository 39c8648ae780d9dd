"""DF03: an extension that is installed from PECL and never enabled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.check.rule import Rule, safe
from bot.check.sources.apk import commands_with_packages, is_php, pecl_install
from bot.check.sources.contexts import Context
from bot.check.sources.once import each_place_once
from bot.check.sources.run_edits import behind
from bot.check.sources.stage_images import own_instructions, stage_images
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity

_MODULE: Final = {"pecl_http": "http", "zendopcache": "opcache"}


@each_place_once
def _check(tree: Tree) -> Iterator[Finding]:
    for context, image in stage_images(tree):
        if not is_php(image):
            continue
        own = own_instructions(image)
        said = _everything(tree, context)
        for instruction, command, _packages in commands_with_packages(image):
            found = pecl_install(instruction, command)
            if found is None or instruction.start not in own:
                continue
            names = [_MODULE.get(name.lower(), name.lower()) for name, _version in found.extensions]
            missing = [name for name in names if not _enabled(name, said)]
            if not missing:
                continue
            edit = behind(context.dockerfile, instruction, command, f"docker-php-ext-enable {' '.join(missing)}")
            listed = ", ".join(f"`{name}`" for name in missing)
            yield RULE.finding(
                context.dockerfile.span(command.words[0]),
                f"{listed} is compiled but never enabled, so PHP does not load it: add `docker-php-ext-enable "
                f"{' '.join(missing)}`.",
                safe(f"enable {listed}", edit) if edit is not None else None,
            )


def _everything(tree: Tree, context: Context) -> str:
    """Return all text that may enable an extension: the Dockerfile, ini files, start scripts."""
    parts = list(_instructions(context))
    parts += [text for _, text in context.files.sources(".ini", ".sh", ".conf", ".dockerfile")]
    for built in context.builds:
        for mount in built.service.mounts:
            if mount.kind == "bind" and mount.path is not None and tree.is_file(mount.path):
                source = tree.read(mount.path)
                parts.append(source.text if source is not None else "")
    return "\n".join(parts)


def _instructions(context: Context) -> Iterator[str]:
    for stage in context.dockerfile.stages:
        for instruction in stage.instructions:
            yield instruction.body.text + "".join(doc.body.text for doc in instruction.heredocs)


def _enabled(name: str, said: str) -> bool:
    word = re.escape(name)
    return bool(
        re.search(rf"(?:docker-php-ext-enable|phpenmod|php-ext-enable)\b[^\n&;|]*(?<![\w-]){word}(?![\w])", said)
        or re.search(rf"extension\s*=\s*[\"']?(?:[\w./$-]*/)?(?:php_)?{word}(?:\.so)?\b", said, re.IGNORECASE)
        or re.search(r"docker-php-ext-enable\b[^\n&;|]*\$", said)
        or re.search(rf"\binstall-php-extensions\b[^\n&;]*\b{word}\b", said)
    )


RULE = Rule(
    name="pecl-not-enabled",
    code="DF03",
    severity=Severity.ERROR,
    summary="pecl install without enabling the extension",
    needs=("dockerfile",),
    check=_check,
    fix="safe",
)
