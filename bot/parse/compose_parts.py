"""The parts of a service, read from its resolved mapping: short and long forms become one value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from bot.parse.compose_merge import build_as_mapping, pair_entry
from bot.parse.compose_resolve import inside
from bot.parse.dockerfile_healthcheck import duration_seconds
from bot.parse.dockerfile_text import Text, Word
from bot.parse.nodes import Entry, Mapping, Node, Scalar, Sequence
from bot.parse.shell import Command
from bot.parse.shell_wrappers import exec_commands, run_commands
from bot.parse.source import Span

_REMOTE: Final = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*://|git@|github\.com/|[^/]+@[^/]+:)|.*\.git(?:#.*)?\Z")
_TRUE: Final = frozenset({"true", "yes", "y", "on", "1"})


def truth(node: Node | None) -> bool | None:
    """Return a switch as compose reads it (`true`, `"true"`, `yes`, `on`); None where it is not known."""
    if not isinstance(node, Scalar) or node.unknown or node.value is None:
        return None
    return node.value if isinstance(node.value, bool) else node.text.strip().lower() in _TRUE


def scalar(node: Node | None) -> Scalar | None:
    """Return the node where it is one value, not null."""
    return node if isinstance(node, Scalar) and node.value is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One name and value of `environment`, `labels` or `build.args`.

    Attributes:
        name: The name.
        value: Its text; None where it is taken from the shell, or not known here.
        key: Where the name is written.
        node: Where the value is written; the whole item in a list.
        given: A value is written (known or not).
    """

    name: str
    value: str | None
    key: Scalar
    node: Node
    given: bool = True


def pairs(node: Node | None) -> tuple[Pair, ...]:
    """Read a mapping or a list of `NAME=value`."""
    entries: list[Entry] = []
    if isinstance(node, Mapping):
        entries = list(node.entries)
    elif isinstance(node, Sequence):
        entries = [pair_entry(item) for item in node.items if isinstance(item, Scalar)]
    found = []
    for entry in entries:
        value = entry.value
        known = isinstance(value, Scalar) and value.value is not None and not value.unknown
        text = value.text if known and isinstance(value, Scalar) else None
        given = isinstance(value, Scalar) and value.value is not None
        found.append(Pair(name=entry.key.text, value=text, key=entry.key, node=value, given=given))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """`build`.

    Attributes:
        node: The whole value, in its long form.
        context: The folder relative to the tree ("." for the tree itself); None where it is remote or not known.
        context_node: Where it is written; None where it is left out.
        remote: The context is a URL or a git reference.
        dockerfile: The Dockerfile relative to the tree; None where the context is, or it is written inline.
        dockerfile_node: Where it is written, None for the default name.
        inline: `dockerfile_inline`.
        target: The stage, "" for the last; None where it is not known.
        target_node: Where it is written.
        args: `build.args`; a None is not known here.
    """

    node: Mapping
    context: str | None
    context_node: Scalar | None = None
    remote: bool = False
    dockerfile: str | None = None
    dockerfile_node: Scalar | None = None
    inline: Scalar | None = None
    target: str | None = ""
    target_node: Scalar | None = None
    args: dict[str, str | None] = field(default_factory=dict)


def read_build(value: Node | None, base: str) -> Build | None:
    """Read `build`, short or long form; `base` is where a left-out context is."""
    node = build_as_mapping(value) if value is not None else None
    if not isinstance(node, Mapping):
        return None
    where, file, stage = scalar(node.get("context")), scalar(node.get("dockerfile")), scalar(node.get("target"))
    remote = where is not None and bool(_REMOTE.match(where.text)) and not where.text.startswith((".", "/", "~"))
    context: str | None = None
    if where is None:
        context = base or "."
    elif not where.unknown and not remote:
        context = inside(where.base, where.text)
    dockerfile = None
    if context is not None and not (file is not None and file.unknown) and "dockerfile_inline" not in node:
        dockerfile = inside(context, file.text if file is not None else "Dockerfile")
    return Build(
        node=node,
        context=context,
        context_node=where,
        remote=remote,
        dockerfile=dockerfile,
        dockerfile_node=file,
        inline=scalar(node.get("dockerfile_inline")),
        target="" if stage is None else None if stage.unknown else stage.text,
        target_node=stage,
        args={pair.name: pair.value for pair in pairs(node.get("args"))},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A time such as `start_period: 30s`; `seconds` is None where it is not known or none."""

    node: Scalar
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Healthcheck:
    """`healthcheck`.

    Attributes:
        entry: Key and value.
        node: The value.
        test: `test` as written; None where left out.
        disabled: `disable: true` or `test: NONE`; `disabled_at` is where.
        form: `exec` (CMD), `shell` (CMD-SHELL or a string), "" where there is no usable test.
        words: The words behind `CMD`, or the one shell text.
    """

    entry: Entry
    node: Mapping
    test: Node | None = None
    disabled: bool = False
    disabled_at: Span | None = None
    form: Literal["exec", "shell", ""] = ""
    words: tuple[Scalar, ...] = ()
    interval: Duration | None = None
    timeout: Duration | None = None
    start_period: Duration | None = None
    start_interval: Duration | None = None
    retries: Scalar | None = None

    @property
    def known(self) -> bool:
        """Whether its whole command is known here."""
        return bool(self.form) and not any(word.unknown for word in self.words)

    @property
    def command(self) -> str:
        """The command in one line."""
        return " ".join(word.text for word in self.words)

    def commands(self) -> tuple[Command, ...]:
        """Return the commands the check runs, wrappers such as `sh -c` taken off."""
        words = tuple(located_word(word) for word in self.words)
        if self.form == "exec":
            return exec_commands(words) if words else ()
        return run_commands(Text.within(words[0])) if words else ()


def located_word(node: Scalar) -> Word:
    """Return a value as a shell word that stands where the value is written."""
    span = node.span
    return Word(value=node.text, raw=span.text, start=span.start, end=span.end, line=span.line, column=span.column)


def read_healthcheck(entry: Entry | None) -> Healthcheck | None:
    """Read `healthcheck`; None where the service has none (a null is none)."""
    if entry is None or not isinstance(entry.value, Mapping):
        return None
    node = entry.value
    test = node.get("test")
    disable = node.entry("disable")
    disabled_at = disable.value.span if disable is not None and truth(disable.value) else None
    form: Literal["exec", "shell", ""] = ""
    words: tuple[Scalar, ...] = ()
    if isinstance(test, Sequence):
        listed = tuple(item for item in test.items if isinstance(item, Scalar))
        kind = listed[0].text if listed else ""
        if kind == "NONE":
            disabled_at = disabled_at or test.span
        elif kind in {"CMD", "CMD-SHELL"} and len(listed) > 1:
            form = "exec" if kind == "CMD" else "shell"
            words = listed[1:] if form == "exec" else listed[1:2]
    elif isinstance(test, Scalar) and test.value is not None:
        if test.text.strip() == "NONE":
            disabled_at = disabled_at or test.span
        elif test.text.strip():
            form, words = "shell", (test,)
    retries = scalar(node.get("retries"))
    return Healthcheck(
        entry=entry,
        node=node,
        test=test,
        disabled=disabled_at is not None,
        disabled_at=disabled_at,
        form=form,
        words=words,
        interval=_duration(node.get("interval")),
        timeout=_duration(node.get("timeout")),
        start_period=_duration(node.get("start_period")),
        start_interval=_duration(node.get("start_interval")),
        retries=retries,
    )


def _duration(node: Node | None) -> Duration | None:
    found = scalar(node)
    if found is None:
        return None
    return Duration(node=found, seconds=None if found.unknown else duration_seconds(found.text.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One entry of `depends_on`; `explicit` where a condition is written."""

    service: str
    condition: str
    node: Scalar
    value: Node | None = None
    explicit: bool = False
    required: bool = True


def read_dependencies(node: Node | None) -> tuple[Dependency, ...]:
    """Read `depends_on`, list or mapping."""
    if isinstance(node, Sequence):
        items = [item for item in node.items if isinstance(item, Scalar) and not item.unknown]
        return tuple(Dependency(service=item.text, condition="service_started", node=item) for item in items)
    if not isinstance(node, Mapping):
        return ()
    found = []
    for entry in node.entries:
        condition = entry.value.get("condition") if isinstance(entry.value, Mapping) else None
        required = entry.value.get("required") if isinstance(entry.value, Mapping) else None
        text = condition.text if isinstance(condition, Scalar) else ""
        found.append(
            Dependency(
                service=entry.key.text,
                condition=text or "service_started",
                node=entry.key,
                value=entry.value,
                explicit=bool(text),
                required=truth(required) is not False,
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One entry of `volumes`.

    Attributes:
        kind: `bind`, `volume` (named or, with an empty source, anonymous), `tmpfs`, `other`, or `unknown`.
        source: A host path as written, or a volume's name; "" for none.
        target: The path in the container, "" where it is not known.
        path: For a bind: relative to the tree, absolute, or beginning with `../` or `~`; None where not known.
        read_only: Whether it is mounted so.
        node: The whole entry.
        source_node: Where the source is written: in the short form the whole entry.
    """

    kind: Literal["bind", "volume", "tmpfs", "other", "unknown"]
    source: str
    target: str
    node: Node
    source_node: Scalar | None
    path: str | None = None
    read_only: bool = False
    creates: bool = True


def read_mounts(node: Node | None) -> tuple[Mount, ...]:
    """Read `volumes` of a service."""
    if not isinstance(node, Sequence):
        return ()
    return tuple(
        _short_mount(item) if isinstance(item, Scalar) else _long_mount(item)
        for item in node.items
        if isinstance(item, (Scalar, Mapping))
    )


def is_path(source: str) -> bool:
    """Whether a short volume's source is a host path, not a volume's name."""
    return source.startswith((".", "/", "~", "\\")) or bool(re.match(r"[A-Za-z]:[\\/]", source))


def split_colons(text: str) -> list[str]:
    """Split at colons that are not inside `${...}`."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        if char == "{" and text[at - 1 : at] == "$":
            depth += 1
        elif char == "}" and depth:
            depth -= 1
        elif char == ":" and not depth:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _short_mount(item: Scalar) -> Mount:
    parts = split_colons(item.text)
    if len(parts) == 1:
        return Mount(kind="volume", source="", target=parts[0].rstrip("/") or "/", node=item, source_node=None)
    if len(parts) > 2 and len(parts[0]) == 1 and parts[0].isalpha() and parts[1][:1] in {"\\", "/"}:
        parts = [f"{parts[0]}:{parts[1]}", *parts[2:]]
    source, target = parts[0], parts[1] if len(parts) > 1 else ""
    read_only = len(parts) > 2 and "ro" in parts[2].split(",")
    unknown_source, unknown_target = "${" in source, "${" in target
    clean = "" if unknown_target else target.rstrip("/") or "/"
    if unknown_source and not is_path(source):
        return Mount(kind="unknown", source=source, target=clean, node=item, source_node=item, read_only=read_only)
    if is_path(source):
        path = None if unknown_source else _host(item.base, source)
        return Mount(
            kind="bind", source=source, target=clean, node=item, source_node=item, path=path, read_only=read_only
        )
    return Mount(kind="volume", source=source, target=clean, node=item, source_node=item, read_only=read_only)


def _host(base: str, source: str) -> str:
    return source if source.startswith("~") else inside(base, source)


def _long_mount(item: Mapping) -> Mount:
    kind, source, target = scalar(item.get("type")), scalar(item.get("source")), scalar(item.get("target"))
    if source is None:
        source = scalar(item.get("src"))
    where = target or scalar(item.get("dst")) or scalar(item.get("destination"))
    read_only = bool(truth(item.get("read_only")))
    clean = "" if where is None or where.unknown else where.text.rstrip("/") or "/"
    name = kind.text if kind is not None else "volume"
    known: dict[str, Literal["bind", "volume", "tmpfs", "other"]] = {
        "bind": "bind",
        "volume": "volume",
        "tmpfs": "tmpfs",
    }
    chosen = known.get(name, "other")
    path = None
    creates = True
    if chosen == "bind" and source is not None:
        path = None if source.unknown else _host(source.base, source.text)
        options = item.get("bind")
        creates = truth(options.get("create_host_path")) is not False if isinstance(options, Mapping) else True
    return Mount(
        kind=chosen,
        source=source.text if source is not None else "",
        target=clean,
        node=item,
        source_node=source,
        path=path,
        read_only=read_only,
        creates=creates,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPort:
    """One published port; ranges are given as their first port. `target` 0 where it is not known."""

    target: int
    published: int
    node: Node
    protocol: Literal["tcp", "udp"] = "tcp"
    host: str = ""


def read_ports(node: Node | None) -> tuple[PublishedPort, ...]:
    """Read `ports`, short and long forms."""
    found = []
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Scalar) and item.value is not None:
            found.append(_short_port(item))
        elif isinstance(item, Mapping):
            target, published = scalar(item.get("target")), scalar(item.get("published"))
            protocol, host = scalar(item.get("protocol")), scalar(item.get("host_ip"))
            found.append(
                PublishedPort(
                    target=_first_port(target.text if target else ""),
                    published=_first_port(published.text if published else ""),
                    node=item,
                    protocol="udp" if protocol is not None and protocol.text == "udp" else "tcp",
                    host=host.text if host is not None else "",
                )
            )
    return tuple(found)


def _short_port(item: Scalar) -> PublishedPort:
    text, _, protocol = item.text.partition("/")
    parts = split_colons(text)
    return PublishedPort(
        target=_first_port(parts[-1]),
        published=_first_port(parts[-2]) if len(parts) > 1 else 0,
        node=item,
        protocol="udp" if protocol == "udp" else "tcp",
        host=":".join(parts[:-2]),
    )


def _first_port(text: str) -> int:
    match = re.match(r"\d{1,5}(?![\d.])", text.strip())
    return int(match[0]) if match else 0
