"""The compose stack as compose would run it, where every value still knows its place in the files."""

from __future__ import annotations

from dataclasses import dataclass
from posixpath import basename, dirname, join
from typing import Final

from bot.parse.compose_health import Healthcheck, read_healthcheck
from bot.parse.compose_mounts import Mount, read_mounts
from bot.parse.compose_parts import Build, Dependency, Pair, pairs, read_build, read_dependencies, scalar
from bot.parse.compose_published import PublishedPort, read_ports
from bot.parse.compose_resolve import Reader, resolve
from bot.parse.compose_values import VariableUse
from bot.parse.nodes import Entry, Mapping, Node, Scalar, Sequence
from bot.parse.source import Source
from bot.parse.yaml_reader import Problem

# In the order of compose's own preference.
NAMES: Final = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")


class Service:
    """One service of a resolved stack. Attributes that are None or empty are not written in the file."""

    def __init__(self, entry: Entry, folder: str) -> None:
        empty = Mapping(entries=(), span=entry.value.span)
        self.entry = entry
        self.key: Scalar = entry.key
        self.name: str = entry.key.text
        self.node: Mapping = entry.value if isinstance(entry.value, Mapping) else empty
        self.image: Scalar | None = scalar(self.node.get("image"))
        self.build: Build | None = read_build(self.node.get("build"), folder)
        self.healthcheck: Healthcheck | None = read_healthcheck(self.node.entry("healthcheck"))
        self.depends_on: tuple[Dependency, ...] = read_dependencies(self.node.get("depends_on"))
        self.environment: tuple[Pair, ...] = pairs(self.node.get("environment"))
        self.labels: tuple[Pair, ...] = pairs(self.node.get("labels"))
        self.mounts: tuple[Mount, ...] = read_mounts(self.node.get("volumes"))
        self.ports: tuple[PublishedPort, ...] = read_ports(self.node.get("ports"))
        self.user: Scalar | None = scalar(self.node.get("user"))
        self.profiles: tuple[str, ...] = texts(self.node.get("profiles"))

    def __repr__(self) -> str:
        return f"Service({self.name!r})"

    @property
    def image_name(self) -> str:
        """The image's name without registry, tag and digest, such as `postgres`; "" where not known."""
        if self.image is None or self.image.unknown:
            return ""
        return basename(self.image.text.partition("@")[0].rpartition("/")[2].partition(":")[0]).lower()

    @property
    def networks(self) -> tuple[str, ...]:
        """The networks it joins, as written; empty for the default one."""
        node = self.node.get("networks")
        return node.keys() if isinstance(node, Mapping) else texts(node)

    @property
    def command(self) -> Node | None:
        """`command` as written."""
        return self.node.get("command")

    @property
    def restart(self) -> str:
        """`restart`, "" where it is not written or not known."""
        found = scalar(self.node.get("restart"))
        if found is None or found.unknown:
            return ""
        return "no" if found.value is False else found.text

    def environment_value(self, name: str) -> str | None:
        """Return what `environment` sets `name` to; None where it does not, or it is not known."""
        return next((pair.value for pair in self.environment if pair.name == name), None)

    def label(self, name: str) -> Pair | None:
        """Return a label."""
        return next((pair for pair in self.labels if pair.name == name), None)


def texts(node: Node | None) -> tuple[str, ...]:
    """Return one text, or a list of texts, as a tuple."""
    if isinstance(node, Scalar) and node.value is not None:
        return (node.text,)
    if isinstance(node, Sequence):
        return tuple(item.text for item in node.items if isinstance(item, Scalar))
    return ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComposeStack:
    """One stack.

    Attributes:
        path: Its main file, relative to the tree.
        folder: The folder of that file ("" for the tree itself): where compose runs, where `.env` lies.
        sources: All files it was read from.
        root: The resolved mapping.
        services: In file order.
        uses: The variables it interpolates, in all its files.
        problems: What compose would refuse in reading it, such as a duplicate key.
        unread: Values of `include` or `extends` whose file is not in the tree.
    """

    path: str
    folder: str
    sources: tuple[Source, ...]
    root: Mapping
    services: tuple[Service, ...]
    uses: tuple[VariableUse, ...] = ()
    problems: tuple[Problem, ...] = ()
    unread: tuple[Scalar, ...] = ()

    def service(self, name: str) -> Service | None:
        """Return a service by its name."""
        return next((service for service in self.services if service.name == name), None)

    def section(self, name: str) -> Mapping | None:
        """Return a top-level mapping such as `volumes` or `networks`."""
        found = self.root.get(name)
        return found if isinstance(found, Mapping) else None

    @property
    def one_shots(self) -> frozenset[str]:
        """Services that are meant to end: another waits for their completion, or they say `restart: "no"`."""
        waited = {
            need.service
            for service in self.services
            for need in service.depends_on
            if need.condition == "service_completed_successfully"
        }
        return frozenset(waited | {service.name for service in self.services if service.restart == "no"})


def read_compose(read: Reader, path: str, overrides: tuple[str, ...] = ()) -> ComposeStack | None:
    """Read the stack whose main file is `path`; None where the file is empty or cannot be read.

    Args:
        read: Reads a file by its path relative to the tree, or returns None.
        path: The main file.
        overrides: Files that are laid over it, in order.

    Raises:
        ParseError: a file is not YAML, or not a mapping; carries the position.
    """
    resolved = resolve(read, (path, *overrides))
    if resolved.root is None:
        return None
    folder = dirname(path)
    services = resolved.root.get("services")
    entries = services.entries if isinstance(services, Mapping) else ()
    return ComposeStack(
        path=path,
        folder=folder,
        sources=tuple(resolved.sources),
        root=resolved.root,
        services=tuple(Service(entry, folder) for entry in entries if not entry.key.text.startswith("x-")),
        uses=tuple(resolved.uses),
        problems=tuple(resolved.problems),
        unread=tuple(resolved.unread),
    )


def override_of(path: str) -> tuple[str, ...]:
    """Return the names of the override files that compose reads beside `path` by itself."""
    stem, _, suffix = basename(path).rpartition(".")
    other = "yaml" if suffix == "yml" else "yml"
    return tuple(join(dirname(path), f"{stem}.override.{ending}") for ending in (suffix, other))
