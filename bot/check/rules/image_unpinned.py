"""DF10: an image without a tag, or with `latest`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename
from typing import Final

from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.compose import ComposeStack
from bot.parse.dockerfile_model import Dockerfile, Instruction
from bot.parse.dockerfile_values import expand, global_values
from bot.parse.nodes import Mapping, Scalar
from bot.parse.source import Span

_ASIDE: Final = re.compile(r"(?:^|/)(?:\.[^/]+|tests?|e2e|fixtures|testdata|examples?|docs?)/")


def tag_of(image: str) -> tuple[str, str | None]:
    """Return an image's name and its tag: None where it has neither tag nor digest."""
    if "@" in image:
        return image.partition("@")[0], "@"
    head, slash, last = image.rpartition("/")
    name, colon, tag = last.partition(":")
    return f"{head}{slash}{name}", tag if colon else None


def _check(tree: Tree) -> Iterator[Finding]:
    own = {name for stack in tree.stacks for name in _own_images(stack)}
    for stack in tree.stacks:
        if _ASIDE.search(stack.path):
            continue
        seen: set[tuple[str, int]] = set()
        for service in stack.services:
            image = service.image
            if image is None or image.unknown or service.build is not None:
                continue
            policy = service.node.get("pull_policy")
            if isinstance(policy, Scalar) and policy.text in {"build", "never"}:
                continue
            place = (image.span.path, image.span.start)
            if place not in seen:
                seen.add(place)
                yield from _judge(image.text, image.span, own)
    for dockerfile in tree.dockerfiles:
        if _ASIDE.search(dockerfile.path):
            continue
        args = _args(tree, dockerfile)
        yield from _dockerfile(dockerfile, own | _extra_contexts(tree, dockerfile), args)


def _own_images(stack: ComposeStack) -> Iterator[str]:
    """Yield the names of images that this stack builds: as they are named, and as compose names them by itself."""
    project = stack.root.get("name")
    names = {basename(stack.folder), project.text if isinstance(project, Scalar) else ""} - {""}
    for service in stack.services:
        if service.build is None:
            continue
        if service.image is not None and not service.image.unknown:
            yield tag_of(service.image.text)[0]
        for name in names:
            yield f"{name}-{service.name}"


def _extra_contexts(tree: Tree, dockerfile: Dockerfile) -> frozenset[str]:
    """Return names that `additional_contexts` gives to images of a build."""
    found: set[str] = set()
    for built in tree.builds:
        if built.dockerfile is dockerfile and built.service.build is not None:
            node = built.service.build.node.get("additional_contexts")
            if isinstance(node, Mapping):
                found |= set(node.keys())
            elif node is not None and not isinstance(node, Scalar):
                found |= {item.text.partition("=")[0] for item in node.items if isinstance(item, Scalar)}
    return frozenset(found)


def _args(tree: Tree, dockerfile: Dockerfile) -> dict[str, str | None]:
    """Return build arguments of the service that builds the file, where they all agree."""
    given = [b.service.build.args for b in tree.builds if b.dockerfile is dockerfile and b.service.build is not None]
    return given[0] if given and all(args == given[0] for args in given) else {}


def _dockerfile(
    dockerfile: Dockerfile, own: frozenset[str] | set[str], args: dict[str, str | None]
) -> Iterator[Finding]:
    values = global_values(dockerfile, args)
    for stage in dockerfile.stages:
        name = expand(stage.base.value, values)
        if name and dockerfile.stage_named(name, stage.index) is None:
            yield from _judge(name, dockerfile.span(stage.base), own)
        for instruction in stage.instructions:
            for text, span in _from_images(dockerfile, instruction):
                image = expand(text, values)
                if image and dockerfile.stage_named(image, stage.index) is None:
                    yield from _judge(image, span, own)


def _from_images(dockerfile: Dockerfile, instruction: Instruction) -> Iterator[tuple[str, Span]]:
    if instruction.keyword in {"COPY", "ADD"}:
        for flag in instruction.flags:
            if flag.name == "from" and flag.value:
                yield flag.value, dockerfile.span(flag.word)


def _judge(image: str, span: Span, own: frozenset[str] | set[str]) -> Iterator[Finding]:
    name, tag = tag_of(image)
    if image == "scratch" or name in own or name.isdigit() or not name or "$" in image:
        return
    if tag is None:
        yield RULE.finding(
            span, f"`{image}` has no tag, so each build takes whatever is newest that day: name a version."
        )
    elif tag == "latest":
        yield RULE.finding(span, f"`{image}` moves with every release of `{name}`: name a version.")


RULE = Rule(
    name="image-unpinned",
    code="DF10",
    severity=Severity.ERROR,
    summary="an image without a tag, or with `latest`",
    needs=("compose", "dockerfile"),
    check=_check,
)
