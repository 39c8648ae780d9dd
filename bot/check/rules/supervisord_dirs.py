"""DF06: supervisord that writes into a directory nobody creates."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from posixpath import dirname
from typing import Final

from bot.check.rule import Rule, safe
from bot.check.sources.container_files import ContainerFiles, at_end
from bot.check.sources.contexts import Context
from bot.check.sources.once import each_place_once
from bot.check.sources.run_edits import line_behind
from bot.check.sources.stage_images import stage_images
from bot.check.tree import Tree
from bot.model.finding import Finding, Fix, Severity
from bot.parse.dockerfile_commands import instruction_commands
from bot.parse.dockerfile_image import BuiltImage
from bot.parse.dockerfile_model import Instruction

_FILES: Final = ("logfile", "pidfile", "stdout_logfile", "stderr_logfile", "file")
_FOLDERS: Final = ("childlogdir", "directory")
# There in every image.
_STANDARD: Final = re.compile(
    r"/|/(?:tmp|dev|run|var|etc|opt|srv|usr|home|root|proc|bin|sbin|lib)|/var/(?:run|log|tmp|lib|cache|spool|opt"
    r"|mail)|/dev/.*|/proc/.*"
    r"|/usr/(?:local|share|bin|sbin|lib|src)(?:/.*)?|/etc/.*|/var/www(?:/html)?"
)
_DEFAULT: Final = "/var/log/supervisor"


@each_place_once
def _check(tree: Tree) -> Iterator[Finding]:
    for context, image in stage_images(tree):
        targets = {b.image.stage.index for b in context.builds if b.image is not None}
        if image.stage.index not in (targets or {len(context.dockerfile.stages) - 1}):
            continue
        start = _start(image)
        if start is None:
            continue
        state = at_end(context, image.stage, image.args)
        configs = list(_configs(tree, context, image, state))
        wanted = {folder: name for name, text in configs for folder in _folders(text)}
        if not configs and not _has_default(image) and not state.unsure:
            wanted = {_DEFAULT: ""}
        missing = [folder for folder in sorted(wanted) if not _created(folder, state, context, image)]
        if not missing:
            continue
        listed = ", ".join(f"`{folder}`" for folder in missing)
        where = wanted[missing[0]]
        source = f" (`{where}`)" if where else ""
        yield RULE.finding(
            context.dockerfile.span(start),
            f'supervisord writes to {listed}{source}, which nothing creates: it stops with "The directory named as '
            f"part of "
            'the path does not exist".',
            _fix(context, image, missing),
        )


def _start(image: BuiltImage) -> Instruction | None:
    """Return the instruction that starts supervisord."""
    for instruction in (image.cmd, image.entrypoint):
        if instruction is not None and any(c.program == "supervisord" for c in instruction_commands(instruction)):
            return instruction
    return None


def _configs(tree: Tree, context: Context, image: BuiltImage, state: ContainerFiles) -> Iterator[tuple[str, str]]:
    for path, origin in state.files.items():
        if "supervisor" in path and path.endswith((".conf", ".ini")) and origin:
            text = context.files.text(origin)
            if text is not None:
                yield origin, text
    for instruction in image.instructions:
        for doc in instruction.heredocs:
            if re.search(r"^\[(?:supervisord|program:)", doc.body.text, re.MULTILINE):
                yield "", doc.body.text
    for built in context.builds:
        for mount in built.service.mounts:
            source = (
                tree.read(mount.path)
                if mount.kind == "bind" and mount.path is not None and "supervisor" in mount.target
                else None
            )
            if source is not None:
                yield source.path, source.text


def _folders(text: str) -> Iterator[str]:
    """Yield the folders that a configuration writes to."""
    parser = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(";",), comment_prefixes=(";", "#"))
    try:
        parser.read_string(text.replace("\ufeff", ""))
    except (configparser.Error, ValueError):
        return
    for section in parser.sections():
        for key, value in parser.items(section):
            path = value.strip().strip("\"'")
            if not path.startswith("/") or "%(" in path or "$" in path:
                continue
            if key in _FILES:
                yield dirname(path)
            elif key in _FOLDERS and section == "supervisord":
                yield path.rstrip("/")


def _has_default(image: BuiltImage) -> bool:
    """Whether Debian's package made its own folder, or the base may have."""
    if image.base is None or "/" in image.base:
        return True
    installs = [
        command.arguments
        for instruction in image.instructions
        if instruction.keyword == "RUN"
        for command in instruction_commands(instruction)
        if command.program in {"apt-get", "apt"} and "install" in command.arguments
    ]
    return any("supervisor" in words for words in installs)


def _created(folder: str, state: ContainerFiles, context: Context, image: BuiltImage) -> bool:
    if _STANDARD.fullmatch(folder) or state.has_folder(folder) or state.strange(folder):
        return True
    if folder == _DEFAULT and _has_default(image):
        return True
    if any(
        folder == mount.target or folder.startswith(mount.target + "/")
        for built in context.builds
        for mount in built.service.mounts
        if mount.target
    ):
        return True
    texts = [text for _, text in context.files.sources(".sh")]
    if any(re.search(rf"mkdir\b[^\n]*{re.escape(folder)}(?![\w-])", text) for text in texts):
        return True
    return _by_package(folder, image)


def _by_package(folder: str, image: BuiltImage) -> bool:
    """Whether a package of that name is installed, or the image is its own: `/var/log/nginx` comes with nginx."""
    name = folder.rsplit("/", 1)[-1].lower()
    if name == "supervisor":
        return False
    if image.base is None or name.rstrip("0123456789") in image.base:
        return True
    return any(
        name.rstrip("0123456789") in word
        for instruction in image.instructions
        if instruction.keyword == "RUN"
        for command in instruction_commands(instruction)
        if command.program in {"apk", "apt-get", "apt", "dnf", "yum", "microdnf"}
        for word in command.arguments
    )


def _fix(context: Context, image: BuiltImage, missing: list[str]) -> Fix | None:
    if any(instruction.keyword == "USER" for stage in image.lineage[:-1] for instruction in stage.instructions):
        return None  # no longer root there
    edit = line_behind(context.dockerfile, image.stage.from_, f"RUN mkdir -p {' '.join(missing)}")
    return safe(f"make {' '.join(f'`{folder}`' for folder in missing)}", edit)


RULE = Rule(
    name="supervisord-dirs",
    code="DF06",
    severity=Severity.ERROR,
    summary="supervisord, or a log path in its configuration, with a directory nobody creates",
    needs=("dockerfile", "tree"),
    check=_check,
    fix="safe",
)
