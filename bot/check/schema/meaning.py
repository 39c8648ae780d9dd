"""What compose refuses although each value has its shape: undefined names, cycles, values without sense."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.check.schema.shape import Misfit
from bot.parse.compose import ComposeStack, Service, texts
from bot.parse.compose_parts import scalar, split_colons, truth
from bot.parse.nodes import Mapping, Node, Scalar, Sequence
from bot.parse.source import Span

_PORT: Final = re.compile(
    r"(?:(?P<ip>\[[0-9a-fA-F:]+\]|\d+\.\d+\.\d+\.\d+|[0-9a-fA-F:]*::[0-9a-fA-F:]*):)?(?:(?P<host>\d+(?:-\d+)?)?:)?(?P<inner>\d+(?:-\d+)?)"
    r"(?:/(?P<protocol>tcp|udp|sctp))?\Z"
)
_NAME: Final = re.compile(r"[a-zA-Z0-9._-]+\Z")


def misfits(stack: ComposeStack) -> Iterator[Misfit]:
    """Yield what compose would refuse in the resolved stack."""
    if not stack.services and "include" not in stack.root and "services" not in stack.root:
        yield Misfit(at=stack.root.span.source.line_span(1), message="No service is defined.")
    for service in stack.services:
        if not isinstance(service.entry.value, Mapping):
            continue
        yield from _service(stack, service)
        yield from _references(stack, service)
    yield from _cycles(stack)


def _service(stack: ComposeStack, service: Service) -> Iterator[Misfit]:
    node, name = service.node, service.name
    if not _NAME.match(name):
        yield Misfit(
            at=service.key.span, message=f"`{name[:60]}` is no name for a service: letters, digits, . _ - only."
        )
    unread = "extends" in node or bool(stack.unread)
    if "image" not in node and "build" not in node and "provider" not in node and not unread:
        yield Misfit(at=service.key.span, message=f"`{name}` has neither `image` nor `build`.")
    mode = node.entry("network_mode")
    if mode is not None and texts(node.get("networks")) + service.networks:
        yield Misfit(at=mode.key.span, message=f"`{name}` has both `network_mode` and `networks`; only one may be.")
    replicas = node.get("deploy")
    count = replicas.get("replicas") if isinstance(replicas, Mapping) else node.get("scale")
    several = isinstance(count, Scalar) and isinstance(count.value, int) and count.value > 1
    if several and "container_name" in node and isinstance(count, Scalar):
        yield Misfit(
            at=count.span, message=f"`{name}` runs several times, but a `container_name` can be taken once only."
        )
    check = service.healthcheck
    if check is not None and isinstance(check.test, Sequence) and check.test.items:
        first = check.test.items[0]
        if isinstance(first, Scalar) and not first.unknown and first.text not in {"CMD", "CMD-SHELL", "NONE"}:
            words = f"The check of `{name}` must begin with CMD, CMD-SHELL or NONE, not `{first.text[:40]}`."
            yield Misfit(at=first.span, message=words)
    for port in service.ports:
        if isinstance(port.node, Scalar):
            yield from _port(port.node, name)
    for mount in service.mounts:
        if isinstance(mount.node, Scalar) and not mount.node.unknown:
            yield from _mount(mount.node, name)


def _port(node: Scalar, name: str) -> Iterator[Misfit]:
    text = node.text.strip()
    if node.unknown:
        return
    found = _PORT.match(text)
    if found is None:
        yield Misfit(at=node.span, message=f"`{name}` publishes `{text[:60]}`, which is no port such as `8080:80`.")
        return
    numbers = [int(part) for key in ("host", "inner") for part in (found[key] or "").split("-") if part]
    if any(number > 65535 for number in numbers):
        yield Misfit(at=node.span, message=f"`{name}` publishes `{text[:60]}`: ports end at 65535.")


def _mount(node: Scalar, name: str) -> Iterator[Misfit]:
    parts = split_colons(node.text)
    if len(parts) > 1 and (not parts[0] or not parts[1]):
        yield Misfit(at=node.span, message=f"`{name}` mounts `{node.text[:60]}`: a side of the colon is empty.")
    elif len(parts) > 3 and not re.match(r"[A-Za-z]:", node.text) and "\\" not in node.text:
        yield Misfit(at=node.span, message=f"`{name}` mounts `{node.text[:60]}`: too many colons.")


def _references(stack: ComposeStack, service: Service) -> Iterator[Misfit]:
    if stack.unread:
        return  # the name may be defined in a file that is not in this tree
    name, node = service.name, service.node
    for need in service.depends_on:
        target = stack.service(need.service)
        if target is None:
            yield Misfit(at=need.node.span, message=f"`{name}` depends on `{need.service}`, which is not defined.")
        elif (
            target.profiles
            and need.required
            and not (set(target.profiles) <= set(service.profiles) or _shares(service, target))
        ):
            words = f"`{name}` depends on `{need.service}`, which only runs with the profile `{target.profiles[0]}`."
            yield Misfit(at=need.node.span, message=words)
    for at, other in _other_services(node):
        if stack.service(other) is None:
            yield Misfit(at=at, message=f"`{name}` refers to the service `{other}`, which is not defined.")
    declared = stack.section("networks")
    networks = node.get("networks")
    for at, network in _names(networks):
        if network != "default" and (declared is None or network not in declared):
            yield Misfit(at=at, message=f"`{name}` joins the network `{network}`, which is not defined.")
    volumes = stack.section("volumes")
    for mount in service.mounts:
        known = mount.source_node is None or not mount.source_node.unknown
        if mount.kind == "volume" and mount.source and known and (volumes is None or mount.source not in volumes):
            at = mount.source_node.span if mount.source_node is not None else mount.node.span
            words = f"`{name}` mounts the volume `{mount.source}`, which is not defined under `volumes:`."
            yield Misfit(at=at, message=words)
    for section in ("configs", "secrets"):
        there = stack.section(section)
        for at, used in _sources(node.get(section)):
            if there is None or used not in there:
                yield Misfit(at=at, message=f"`{name}` uses the {section[:-1]} `{used}`, which is not defined.")


def _shares(service: Service, target: Service) -> bool:
    return bool(set(service.profiles) & set(target.profiles))


def _names(node: Node | None) -> Iterator[tuple[Span, str]]:
    if isinstance(node, Mapping):
        yield from ((entry.key.span, entry.key.text) for entry in node.entries)
    elif isinstance(node, Sequence):
        yield from ((i.span, i.text) for i in node.items if isinstance(i, Scalar) and not i.unknown)


def _sources(node: Node | None) -> Iterator[tuple[Span, str]]:
    for item in node.items if isinstance(node, Sequence) else ():
        found = scalar(item.get("source")) if isinstance(item, Mapping) else scalar(item)
        if found is not None and not found.unknown:
            yield found.span, found.text


def _other_services(node: Mapping) -> Iterator[tuple[Span, str]]:
    """Yield services that are named by other keys than `depends_on`."""
    for key in ("network_mode", "ipc", "pid"):
        found = scalar(node.get(key))
        if found is not None and not found.unknown and found.text.startswith("service:"):
            yield found.span, found.text.partition(":")[2]
    for key in ("links", "volumes_from"):
        listed = node.get(key)
        for item in listed.items if isinstance(listed, Sequence) else ():
            if isinstance(item, Scalar) and not item.unknown and not item.text.startswith("container:"):
                yield item.span, item.text.partition(":")[0]


def _cycles(stack: ComposeStack) -> Iterator[Misfit]:
    """Report each cycle once, at the dependency that closes it."""
    needs: dict[str, list[tuple[Span, str]]] = {}
    for service in stack.services:
        own = [(need.node.span, need.service) for need in service.depends_on]
        needs[service.name] = own + list(_other_services(service.node))
    done: set[str] = set()
    for start in needs:
        path: list[str] = []
        waiting: list[tuple[str, int]] = [(start, 0)]
        while waiting:
            name, index = waiting.pop()
            del path[len(waiting) :]
            if name in done:
                continue
            path.append(name)
            following = needs.get(name, [])
            if index >= len(following):
                done.add(name)
                continue
            waiting.append((name, index + 1))
            at, target = following[index]
            if target in path:
                circle = " → ".join([*path[path.index(target) :], target])
                yield Misfit(at=at, message=f"The services wait for each other in a circle: {circle}.")
            elif target in needs and target not in done:
                waiting.append((target, 0))


def declared_misfits(stack: ComposeStack) -> Iterator[Misfit]:
    """Yield volumes, configs and secrets whose keys exclude each other, or that say nothing."""
    volumes = stack.section("volumes")
    for entry in volumes.entries if volumes is not None else ():
        node = entry.value
        if isinstance(node, Mapping) and truth(node.get("external")) and ("driver" in node or "driver_opts" in node):
            words = f"The volume `{entry.key.text}` is external: it cannot have a driver here."
            yield Misfit(at=entry.key.span, message=words)
    for section, ways in (("secrets", ("file", "environment")), ("configs", ("file", "environment", "content"))):
        part = stack.section(section)
        for entry in part.entries if part is not None else ():
            node = entry.value
            if not isinstance(node, Mapping) or "external" in node or "driver" in node:
                continue
            given = [way for way in ways if way in node]
            if len(given) != 1:
                words = f"The {section[:-1]} `{entry.key.text}` needs exactly one of {', '.join(ways)}."
                yield Misfit(at=entry.key.span, message=words)
