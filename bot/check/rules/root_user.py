"""DF09: a final stage that runs as root, and no `user:` in compose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.check.images import base_name
from bot.check.rule import Rule
from bot.check.sources.contexts import Context, contexts
from bot.check.sources.image_tools import split_image
from bot.check.sources.once import each_place_once
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.dockerfile_commands import instruction_commands
from bot.parse.dockerfile_image import BuiltImage, built_image
from bot.parse.dockerfile_model import Instruction

# Official images whose programs run as whoever the image says, and the image says root.
_ROOT: Final = frozenset(
    [
        "node",
        "python",
        "golang",
        "rust",
        "ruby",
        "php",
        "alpine",
        "debian",
        "ubuntu",
        "scratch",
        "eclipse-temurin",
        "openjdk",
        "amazoncorretto",
        "perl",
        "composer",
        "elixir",
        "erlang",
        "haskell",
        "julia",
        "maven",
        "gradle",
        "swift",
        "bun",
        "deno",
        "busybox",
        "amazonlinux",
        "fedora",
        "rockylinux",
        "almalinux",
    ]
)
_SHIPPED: Final = re.compile(r"(?:Docker|Container)file(?:\.prod(?:uction)?)?")
_DROPS: Final = re.compile(
    r"\b(?:gosu|su-exec|setpriv|runuser|chroot --userspec|s6-setuidgid|su\s+-)\b|\buser\s*=\s*\w"
)
# Masters that must begin as root and drop rights for their workers.
_MASTERS: Final = frozenset(
    {"php-fpm", "apache2-foreground", "nginx", "supervisord", "s6-svscan", "init", "httpd", "cron", "crond"}
)


@each_place_once
def _check(tree: Tree) -> Iterator[Finding]:
    for context in contexts(tree):
        for image, services in _finals(context):
            if not _is_root(image) or _drops(context, image):
                continue
            last = image.user_place
            at = context.dockerfile.span(last if last is not None else image.stage.base)
            who = f" (`{'`, `'.join(services)}`)" if services else ""
            yield RULE.finding(
                at,
                f"The image{who} runs as root: whoever breaks into the application owns the container, and files it "
                f"writes to "
                "a bind mount belong to root. Add a `USER`.",
            )


def _finals(context: Context) -> Iterator[tuple[BuiltImage, list[str]]]:
    """Yield the images that are run without a `user:`: those of services, or the last stage where nobody builds it."""
    if not context.builds:
        name = context.dockerfile.path.rpartition("/")[2]
        image = built_image(context.dockerfile) if _SHIPPED.fullmatch(name) else None
        if image is not None:
            yield image, []
        return
    bare: dict[int, tuple[BuiltImage, list[str]]] = {}
    for built in context.builds:
        if built.image is not None and built.service.user is None:
            bare.setdefault(built.image.stage.index, (built.image, []))[1].append(built.service.name)
    yield from bare.values()


def _is_root(image: BuiltImage) -> bool:
    if image.user:
        return image.user.partition(":")[0] in {"root", "0"}
    if image.base is None or image.user_place is not None:
        return False
    repository, tag = split_image(image.base)
    if repository.startswith("gcr.io/distroless/"):
        return "nonroot" not in tag
    return repository in _ROOT and "rootless" not in tag and "nonroot" not in tag


def _drops(context: Context, image: BuiltImage) -> bool:
    """Whether what is started gives up root by itself."""
    started = [i for i in (image.entrypoint, image.cmd) if i is not None]
    commands = [c for i in started for c in instruction_commands(i)]
    if any(command.program in _MASTERS for command in commands):
        return True
    tag = (image.base or "").rpartition(":")[2]
    if base_name(image.base) == "php" and ("fpm" in tag or "apache" in tag) and not started:
        return True
    if base_name(image.base) == "php" and "fpm" in tag and not any(c.program in {"php", "node"} for c in commands):
        return True
    words = " ".join(word.value for command in commands for word in command.words)
    texts = [_text(i) for i in started] + [text for path, text in context.files.sources(".sh") if _named(path, words)]
    texts += [i.body.text for i in image.instructions if i.keyword == "RUN" and i.heredocs]
    return any(_DROPS.search(text) for text in texts)


def _named(path: str, words: str) -> bool:
    return path.rsplit("/", 1)[-1] in words


def _text(instruction: Instruction) -> str:
    return " ".join(word.value for word in instruction.words) if instruction.exec_form else instruction.body.text


RULE = Rule(
    name="root-user",
    code="DF09",
    severity=Severity.WARNING,
    summary="the final stage runs as root and compose sets no user",
    needs=("compose", "dockerfile"),
    check=_check,
)
