"""Where things belong: everything that runs lives under `src/`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.check.tree import Tree
from bot.parse.compose import ComposeStack, Service
from bot.parse.nodes import Mapping, Node, Scalar, Sequence
from bot.parse.source import Span

SRC = "src"


@dataclass(frozen=True, slots=True)
class HostPath:
    """A host path that a stack names.

    Attributes:
        text: As it resolves after interpolation, such as `../backend`.
        path: Relative to the tree; beginning with `../` where it leaves it.
        span: Where the path itself is written.
        exact: `span` holds nothing but the path as `text` says it, so it can be edited.
        service: The service that uses it, None for a top-level section.
    """

    text: str
    path: str
    span: Span
    exact: bool
    service: Service | None


def is_src(tree: Tree) -> bool:
    """Whether the tree itself is a `src` folder: then its surroundings are not there to judge."""
    return tree.root.name == SRC


def misplaced(path: HostPath, stack: ComposeStack, tree: Tree) -> bool:
    """Whether a host path of `src/docker-compose.yml` begins with `src/` in vain, or leaves `src/`."""
    if stack.folder != SRC:
        return False
    if path.text.startswith("../") or path.text == "..":
        return not path.path.startswith(f"{SRC}/")
    bare = path.text.removeprefix("./")
    return (bare == SRC or bare.startswith(f"{SRC}/")) and not tree.exists(path.path)


def host_paths(stack: ComposeStack) -> Iterator[HostPath]:
    """Yield the relative host paths of a stack: binds, contexts, Dockerfiles, env files, secrets, configs."""
    for service in stack.services:
        yield from bind_paths(service)
        yield from context_paths(service)
        for node in _env_files(service.node.get("env_file")):
            if not node.unknown:
                yield _host_path(node, service)
    for section in ("secrets", "configs"):
        entries = stack.section(section)
        for entry in entries.entries if entries is not None else ():
            file = entry.value.get("file") if isinstance(entry.value, Mapping) else None
            if isinstance(file, Scalar) and not file.unknown:
                yield _host_path(file, None)


def bind_paths(service: Service) -> Iterator[HostPath]:
    """Yield the relative sources of a service's bind mounts."""
    for mount in service.mounts:
        node = mount.source_node
        if mount.kind != "bind" or mount.path is None or node is None or mount.source.startswith(("/", "~")):
            continue
        span = node.span
        at = span.text.find(mount.source)
        exact = at in {0, 1}  # 1: behind a quote
        place = Span(span.source, span.start + at, span.start + at + len(mount.source)) if exact else span
        yield HostPath(mount.source, mount.path, place, exact, service)


def context_paths(service: Service) -> Iterator[HostPath]:
    """Yield a service's relative build context, and its Dockerfile where that is relative to the same folder."""
    build = service.build
    if build is None or build.context is None:
        return
    if build.context_node is not None and not build.context_node.text.startswith(("/", "~")):
        yield _host_path(build.context_node, service, build.context)
    if build.context == SRC and build.dockerfile_node is not None and build.dockerfile is not None:
        yield _host_path(build.dockerfile_node, service, build.dockerfile)


def _env_files(node: Node | None) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node] if node.value is not None else []
    if isinstance(node, Sequence):
        return [found for item in node.items for found in _env_files(item)]
    if isinstance(node, Mapping):
        return _env_files(node.get("path"))
    return []


def _host_path(node: Scalar, service: Service | None, path: str | None = None) -> HostPath:
    from bot.parse.compose_resolve import inside

    text = node.text
    at = node.span.text.find(text) if text else -1
    exact = at in {0, 1}
    span = Span(node.span.source, node.span.start + at, node.span.start + at + len(text)) if exact else node.span
    return HostPath(text, path if path is not None else inside(node.base, text), span, exact, service)
