"""SEC03: a service that could run on a read-only file system, and does not."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.compose import Service, texts
from bot.parse.compose_parts import truth
from bot.parse.nodes import Sequence


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        for service in stack.services:
            if service.node.get("read_only") is not None or service.name in stack.one_shots:
                continue
            why = _could_be(tree, service, [other for other in stack.services if other is not service])
            if why:
                yield RULE.finding(
                    service.key.span,
                    f"`{service.name}` could run with `read_only: true`: {why}. What breaks in then cannot change "
                    f"its programs.",
                )


def _could_be(tree: Tree, service: Service, others: list[Service]) -> str:
    """Return why a read-only file system is sure to do; "" where it is not sure."""
    writable = [mount for mount in service.mounts if mount.kind == "bind" and not mount.read_only]
    if writable:
        return ""
    temporary = {text.partition(":")[0].rstrip("/") for text in texts(service.node.get("tmpfs"))}
    temporary |= {mount.target for mount in service.mounts if mount.kind == "tmpfs"}
    if "/tmp" in temporary:  # noqa: S108 -- a path in the container
        return "it has `/tmp` in memory already"
    built = tree.built(service)
    if built is not None and built.image is not None and not service.mounts:
        base = built.image.base or ""
        if base == "scratch" or base.startswith(("gcr.io/distroless/static", "gcr.io/distroless/base")):
            return f"it is one program on `{base}` and has nowhere to write"
    for other in others:
        same = other.build is not None and service.build is not None and _same_image(service, other)
        if same and truth(other.node.get("read_only")):
            return f"`{other.name}` runs the same image so"
    return ""


def _same_image(one: Service, other: Service) -> bool:
    if one.build is None or other.build is None or one.build.target is None:
        return False
    return (one.build.context, one.build.dockerfile, one.build.target) == (
        other.build.context,
        other.build.dockerfile,
        other.build.target,
    ) and isinstance(one.command, type(other.command) if not isinstance(other.command, Sequence) else object)


RULE = Rule(
    name="read-only-fs",
    code="SEC03",
    severity=Severity.INFO,
    summary="a file system that could be read-only",
    needs=("compose",),
    check=_check,
)
