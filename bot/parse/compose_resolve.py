"""From compose files to one resolved mapping: include, overrides, extends; every value keeps its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from posixpath import dirname, join, normpath
from typing import Final

from bot.errors import ParseError
from bot.parse.compose_merge import overlay
from bot.parse.compose_values import Filling, VariableUse
from bot.parse.env_file import read_env
from bot.parse.nodes import Entry, Mapping, Node, Scalar, Sequence
from bot.parse.source import Source
from bot.parse.yaml_reader import Problem, read_yaml

Reader = Callable[[str], Source | None]
"""Reads a file by its path relative to the tree; None where there is none or it must not be read."""

_MAX_FILES: Final = 50
_MAX_CHAIN: Final = 20


@dataclass(slots=True)
class Resolved:
    """What came of the files of one stack."""

    root: Mapping | None = None
    sources: list[Source] = field(default_factory=list)
    uses: list[VariableUse] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: list[Scalar] = field(default_factory=list)  # include, extends: files that are not in the tree


def inside(base: str, path: str) -> str:
    """Return `path`, relative to `base`, as a normal path relative to the tree (`../x` where it leaves it)."""
    return path if path.startswith("/") else normpath(join(base or ".", path)).removeprefix("./")


def resolve(read: Reader, paths: tuple[str, ...]) -> Resolved:
    """Read and merge the files of a stack, the first being the main one.

    Raises:
        ParseError: a file is not YAML, or not a mapping.
    """
    resolving = _Resolving(read)
    base = dirname(paths[0])
    root: Mapping | None = None
    for path in paths:
        layer = resolving.layer(path, base, ())
        if layer is not None:
            merged = overlay(root, layer) if root is not None else layer
            root = merged if isinstance(merged, Mapping) else root
    resolving.result.root = root
    return resolving.result


class _Resolving:
    """Reads each file once and follows include and extends."""

    def __init__(self, read: Reader) -> None:
        self.read = read
        self.result = Resolved()
        self.files: dict[tuple[str, str], Mapping | None] = {}
        self.values: dict[str, dict[str, str]] = {}

    def layer(self, path: str, base: str, chain: tuple[str, ...]) -> Mapping | None:
        """Return a file with what it includes beneath it and its `extends` followed."""
        root = self._file(path, base)
        if root is None or path in chain or len(chain) > _MAX_CHAIN:
            return root
        services = root.get("services")
        if isinstance(services, Mapping):
            extended = tuple(
                Entry(key=e.key, value=self._service(services, e, path, base, ()), merged=e.merged)
                for e in services.entries
            )
            whole = Mapping(entries=extended, span=services.span, flow=services.flow, tag=services.tag)
            root = _with(root, "services", whole)
        included = root.get("include")
        beneath: Mapping | None = None
        if isinstance(included, Sequence):
            for item in included.items:
                for layer in self._included(item, base, (*chain, path)):
                    merged = overlay(beneath, layer) if beneath is not None else layer
                    beneath = merged if isinstance(merged, Mapping) else beneath
        if beneath is None:
            return root
        whole_root = overlay(beneath, root)
        return whole_root if isinstance(whole_root, Mapping) else root

    def _included(self, item: Node, base: str, chain: tuple[str, ...]) -> list[Mapping]:
        folder: Node | None = None
        paths: list[Scalar] = []
        if isinstance(item, Scalar):
            paths = [item]
        elif isinstance(item, Mapping):
            folder = item.get("project_directory")
            found = item.get("path")
            listed = found.items if isinstance(found, Sequence) else (found,)
            paths = [each for each in listed if isinstance(each, Scalar)]
        layers = []
        project = ""
        for index, each in enumerate(paths):
            if each.unknown or "://" in each.text or each.text.startswith(("git@", "oci:")):
                self.result.unread.append(each)
                continue
            path = inside(base, each.text)
            if index == 0:
                given = folder.text if isinstance(folder, Scalar) and not folder.unknown else ""
                project = inside(base, given) if given else dirname(path)
            layer = self.layer(path, project, chain)
            if layer is None:
                self.result.unread.append(each)
            else:
                layers.append(layer)
        return layers

    def _file(self, path: str, base: str) -> Mapping | None:
        known = (path, base)
        if known in self.files:
            return self.files[known]
        self.files[known] = None
        if len(self.files) > _MAX_FILES or path.startswith(("../", "/")):
            return None
        source = self.read(path)
        if source is None:
            return None
        document = read_yaml(source)
        self.result.sources.append(source)
        self.result.problems.extend(document.problems)
        root = document.root
        if root is None or (isinstance(root, Scalar) and root.value is None):
            return None
        if not isinstance(root, Mapping):
            raise ParseError(
                f"{path} is not a compose file: its top level is not a mapping",
                path=path,
                line=root.span.line,
                column=root.span.column,
            )
        filling = Filling(self._environment(base), base)
        filled = filling.fill(root)
        self.result.uses.extend(filling.uses)
        self.result.problems.extend(filling.problems)
        self.files[known] = filled if isinstance(filled, Mapping) else None
        return self.files[known]

    def _environment(self, base: str) -> dict[str, str]:
        """Return what variables are worth: `.env`, and beneath it `.env.example`, which people copy to it."""
        if base not in self.values:
            values: dict[str, str] = {}
            for name in (".env.example", ".env"):
                try:
                    source = self.read(inside(base, name))
                except ParseError:
                    source = None
                if source is not None:
                    found = {v.name: v.value for v in read_env(source).variables}
                    values.update({n: v for n, v in found.items() if v or name == ".env"})
            self.values[base] = values
        return self.values[base]

    def _service(
        self, services: Mapping, entry: Entry, path: str, base: str, chain: tuple[tuple[str, str], ...]
    ) -> Node:
        """Return a service with what it extends beneath it."""
        node = entry.value
        if not isinstance(node, Mapping) or (path, entry.key.text) in chain or len(chain) > _MAX_CHAIN:
            if isinstance(node, Mapping) and chain:
                words = f"the service `{entry.key.text}` extends itself"
                self.result.problems.append(Problem(message=words, span=entry.key.span))
            return node
        extends = node.get("extends")
        if extends is None:
            return node
        name, file = _extended(extends)
        if name is None or (file is not None and (file.unknown or "://" in file.text)):
            return node
        other_path = path if file is None else inside(base, file.text)
        other_base = base if file is None or other_path == path else dirname(other_path)
        others: Node | None = services
        if file is not None:
            root = self._file(other_path, other_base)
            if root is None:
                self.result.unread.append(file)
                return node
            others = root.get("services")
        other = others.entry(name.text) if isinstance(others, Mapping) else None
        if other is None or not isinstance(others, Mapping):
            words = f"the service `{entry.key.text}` extends `{name.text}`, which {other_path} does not define"
            self.result.problems.append(Problem(message=words, span=name.span))
            return node
        beneath = self._service(others, other, other_path, other_base, (*chain, (path, entry.key.text)))
        if not isinstance(beneath, Mapping):
            return node
        kept = tuple(e for e in beneath.entries if e.key.text != "extends")
        return overlay(Mapping(entries=kept, span=beneath.span, flow=beneath.flow), node)


def _extended(extends: Node) -> tuple[Scalar | None, Scalar | None]:
    if isinstance(extends, Scalar):
        return extends, None
    if not isinstance(extends, Mapping):
        return None, None
    name, file = extends.get("service"), extends.get("file")
    return name if isinstance(name, Scalar) else None, file if isinstance(file, Scalar) else None


def _with(root: Mapping, key: str, value: Node) -> Mapping:
    entries = tuple(Entry(key=e.key, value=value, merged=e.merged) if e.key.text == key else e for e in root.entries)
    return Mapping(entries=entries, span=root.span, flow=root.flow, tag=root.tag)
