"""DF08: something is built in a stage that the final stage takes nothing from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.check.rule import Rule
from bot.check.sources.apk import is_php, pecl_install
from bot.check.sources.contexts import Context
from bot.check.sources.stage_images import stage_images
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.dockerfile_commands import instruction_commands
from bot.parse.dockerfile_image import BuiltImage
from bot.parse.dockerfile_model import Dockerfile, Stage
from bot.parse.dockerfile_stages import needed_stages, parent_stage, sources_of
from bot.parse.shell import Command

_WORKSHOP: Final = re.compile(r"(?:^|[-_.])(?:dev|develop|development|local|debug)(?:$|[-_.])")
_ASIDE: Final = re.compile(
    r"(?:^|[-_.])(?:dev|develop|development|local|debug|tests?|testing|lint|ci|docs?|e2e|storybook|check|qa"
    r"|export)(?:$|[-_.])"
)
_BUILDS: Final = re.compile(r"^(?:build|compile|bundle|generate|dist|export|prod|production|assets)(?:$|[:_-])")
_DEV_EXTENSIONS: Final = frozenset({"xdebug", "pcov", "spx", "blackfire", "tideways", "ast", "uopz", "excimer"})


def _check(tree: Tree) -> Iterator[Finding]:
    images: dict[int, tuple[Context, list[BuiltImage]]] = {}
    for context, image in stage_images(tree):
        images.setdefault(id(context), (context, []))[1].append(image)
    told: set[tuple[str, int]] = set()
    for context, stages in images.values():
        for stage, what in _lost(context, stages):
            if (context.dockerfile.path, stage.index) in told:
                continue
            told.add((context.dockerfile.path, stage.index))
            name = stage.name or str(stage.index)
            last = context.dockerfile.stages[-1]
            yield RULE.finding(
                context.dockerfile.span(stage.from_),
                f"Stage `{name}` {what}, but the final stage `{last.name or last.index}` neither begins with it nor "
                f"copies "
                "from it, so that is not in the image.",
            )


def _lost(context: Context, images: list[BuiltImage]) -> Iterator[tuple[Stage, str]]:
    dockerfile = context.dockerfile
    last = dockerfile.stages[-1]
    needed = needed_stages(dockerfile, last)
    wanted = set(needed)
    for built in context.builds:
        if built.image is not None:
            wanted |= needed_stages(dockerfile, built.image.stage)
        elif built.service.build is not None and built.service.build.target is None:
            return  # the target is a variable: any stage may be wanted
    final = next(image for image in images if image.stage is last)
    others = {image.stage.index: image for image in images}
    for stage in dockerfile.stages[:-1]:
        if stage.index in needed or _used(stage, dockerfile):
            continue
        extensions = _lost_extensions(others[stage.index], final)
        if extensions and (not _ending(last) or _WORKSHOP.search(stage.name)):
            yield stage, f"installs the PHP extension {', '.join(f'`{name}`' for name in extensions)}"
        elif stage.index not in wanted and not _has_command(stage) and not _ASIDE.search(stage.name):
            commands = (c for i in stage.instructions if i.keyword == "RUN" for c in instruction_commands(i))
            command = next((c for c in commands if _builds(c)), None)
            if command is not None:
                yield stage, f"runs `{' '.join([command.program, *command.arguments[:2]])}`"


def _used(stage: Stage, dockerfile: Dockerfile) -> bool:
    """Whether any other stage begins with it or copies from it: then that one is the end to judge."""
    for other in dockerfile.stages:
        parent = parent_stage(dockerfile, other)
        if parent is stage or stage in sources_of(dockerfile, other):
            return True
    return False


def _has_command(stage: Stage) -> bool:
    """Whether the stage is made to be run: it has a CMD or an ENTRYPOINT of its own."""
    return any(instruction.keyword in {"CMD", "ENTRYPOINT"} for instruction in stage.instructions)


def _ending(last: Stage) -> bool:
    """Whether the last stage is itself one for development, not what is shipped."""
    return bool(_WORKSHOP.search(last.name) or re.search(r"test|lint|debug", last.name))


def _builds(command: Command) -> bool:
    words = command.arguments
    first = words[0] if words else ""
    match command.program:
        case "npm" | "yarn" | "pnpm" | "bun":
            run = words[1] if first in {"run", "run-script"} and len(words) > 1 else first
            return bool(_BUILDS.match(run)) or first in {"ci", "install"}
        case "npx" | "vite" | "next" | "ng" | "nuxt" | "nest":
            return "build" in words
        case "go" | "cargo" | "dotnet" | "swift" | "zig":
            return first in {"build", "install", "publish"}
        case "mvn" | "mvnw" | "gradle" | "gradlew":
            return any(
                word in {"package", "build", "install", "bootJar", "assemble", "shadowJar", "verify"} for word in words
            )
        case "composer":
            return first in {"install", "update"}
        case "pip" | "pip3" | "uv" | "poetry":
            return "wheel" in words or "install" in words or "sync" in words
        case "bundle":
            return first == "install"
        case "tsc" | "webpack" | "rollup" | "esbuild" | "make" | "cmake" | "ninja":
            return True
    return False


def _installed(image: BuiltImage) -> set[str]:
    found: set[str] = set()
    for instruction in image.instructions:
        if instruction.keyword == "RUN":
            for command in instruction_commands(instruction):
                found |= _extensions(command)
                pecl = pecl_install(instruction, command)
                found |= {name.lower() for name, _version in pecl.extensions} if pecl is not None else set()
    return found


def _extensions(command: Command) -> set[str]:
    if command.program not in {"docker-php-ext-install", "install-php-extensions"}:
        return set()
    return {
        re.split(r"[-^@]", word)[0].lower()
        for word in command.arguments
        if not word.startswith("-") and "$" not in word and word != "j"
    }


def _lost_extensions(image: BuiltImage, final: BuiltImage) -> list[str]:
    """Return PHP extensions that a stage installs and the final image, also PHP, has not."""
    if not is_php(image) or not is_php(final):
        return []
    if any(
        i.flag("from") is not None and re.search("extensions|lib/php", i.body.text)
        for i in final.instructions
        if i.keyword == "COPY"
    ):
        return []
    own = {i.start for i in image.stage.instructions}
    here: set[str] = set()
    for instruction in image.instructions:
        if instruction.keyword == "RUN" and instruction.start in own:
            for command in instruction_commands(instruction):
                here |= _extensions(command)
                pecl = pecl_install(instruction, command)
                here |= {name.lower() for name, _version in pecl.extensions} if pecl is not None else set()
    return sorted(here - _installed(final) - _DEV_EXTENSIONS)


RULE = Rule(
    name="multistage-artifact",
    code="DF08",
    severity=Severity.ERROR,
    summary="built in a stage that the final stage neither descends from nor copies from",
    needs=("dockerfile",),
    check=_check,
)
