"""Paths: what a stack reads or mounts from outside its tree, and what it fetches from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.check.escapes.escape import Box, Escape, Keys, listed, mapping, services, word, yes

_SOCKET: Final = re.compile(
    r"(?:docker|containerd|podman|crio|buildkitd|dockershim)[\w.-]*\.sock(?:\.raw)?\Z|/docker_engine\Z"
)
# Folders that hold an engine's socket somewhere beneath them.
_SOCKET_PARENTS: Final = frozenset(
    {"/", "/run", "/var", "/var/run", "/run/docker", "/run/containerd", "/run/podman", "/run/user", "/var/run/docker"}
    | {"/var/run/containerd", "/var/run/podman", "/host_mnt", "/proc/1/root"}
)
_REMOTE: Final = re.compile(r"[a-z][a-z0-9+.-]*://|git@|github\.com/|oci:|[\w.-]+@[\w.-]+:")
_DEVICE_FREE: Final = frozenset({"/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"})


def _host_path(box: Box, path: str) -> str:
    """Return the rule that a host path breaks; "" where it lies in the tree."""
    clean = path.replace("\\", "/").rstrip("/") or "/"
    place = box.place(path)
    for each in {clean, place}:
        if _SOCKET.search(each) or each in _SOCKET_PARENTS or re.fullmatch(r"/(?:var/)?run/user/\d+", each):
            return "escape-docker-socket"
    if box.holds(path):
        return ""
    for each in {clean, place}:
        if (each == "/dev" or each.startswith("/dev/")) and each not in _DEVICE_FREE:
            return "" if each.startswith("/dev/shm/") else "escape-device"  # noqa: S108 -- a path to compare
    return "escape-bind-outside-tree"


def _words(rule: str, who: str, path: str) -> str:
    if rule == "escape-docker-socket":
        return f"{who} reaches the container engine's socket (`{path}`): who has it has the machine."
    if rule == "escape-device":
        return f"{who} is given a device of the machine (`{path}`)."
    return f"{who} reaches `{path}`, which lies outside this tree."


def reached_paths(config: Mapping[str, Any], box: Box) -> Iterator[Escape]:
    """Binds, volumes that are binds, files of configs and secrets: sockets, devices, and all outside the tree."""
    for name, service in services(config):
        where: Keys = ("services", name)
        for index, mount in enumerate(listed(service.get("volumes"))):
            source = _bind_source(mount)
            if source:
                yield from _reach(box, f"`{name}`", source, (*where, "volumes", index))
        if yes(service.get("use_api_socket")):
            words = f"`{name}` is given the container engine's socket (`use_api_socket`): who has it has the machine."
            yield Escape(rule="escape-docker-socket", keys=(*where, "use_api_socket"), message=words)
        for index, other in enumerate(listed(service.get("volumes_from"))):
            if word(other).startswith("container:"):
                words = f"`{name}` takes the volumes of a container outside this stack (`{other}`)."
                yield Escape(rule="escape-bind-outside-tree", keys=(*where, "volumes_from", index), message=words)
        spec = mapping(service.get("credential_spec")).get("file")
        if isinstance(spec, str):
            yield from _reach(box, f"`{name}`", spec, (*where, "credential_spec"))
        yield from _build_reach(name, mapping(service.get("build")), box)
    for section in ("configs", "secrets"):
        for name, value in mapping(config.get(section)).items():
            file = mapping(value).get("file")
            if isinstance(file, str) and "${" not in file:
                yield from _reach(box, f"The {section[:-1]} `{name}`", file, (section, str(name), "file"))
    for name, value in mapping(config.get("volumes")).items():
        yield from _volume_reach(str(name), mapping(value), box)


def _reach(box: Box, who: str, path: str, keys: Keys) -> Iterator[Escape]:
    rule = _host_path(box, path)
    if rule:
        yield Escape(rule=rule, keys=keys, message=_words(rule, who, box.shown(path)))


def _bind_source(mount: object) -> str:
    """Return the host path of a long-form bind, or of a short form that is one; "" for anything else."""
    if isinstance(mount, Mapping):
        source = mount.get("source") or mount.get("src")
        kind = word(mount.get("type"))
        return str(source) if kind in {"bind", "npipe"} and source and "${" not in str(source) else ""
    source = str(mount).partition(":")[0] if ":" in str(mount) else ""
    return source if source.startswith((".", "/", "~")) and "${" not in source else ""


def _build_reach(name: str, build: Mapping[str, Any], box: Box) -> Iterator[Escape]:
    where: Keys = ("services", name, "build")
    if build.get("ssh") not in (None, [], {}):
        words = f"The build of `{name}` is given the machine's SSH agent or keys."
        yield Escape(rule="escape-bind-outside-tree", keys=(*where, "ssh"), message=words)
    for key in ("cache_to", "cache_from"):
        for index, cache in enumerate(listed(build.get(key))):
            found = re.search(r"(?:dest|src)=([^,]+)", str(cache))
            if found and "type=local" in str(cache):
                yield from _reach(box, f"The build of `{name}`", found[1], (*where, key, index))


def _volume_reach(name: str, volume: Mapping[str, Any], box: Box) -> Iterator[Escape]:
    options = mapping(volume.get("driver_opts"))
    device, kind, flags = str(options.get("device") or ""), word(options.get("type")), word(options.get("o"))
    if kind == "tmpfs" or "${" in device or (not device and not flags):
        return
    keys: Keys = ("volumes", name, "driver_opts", "device") if device else ("volumes", name, "driver_opts")
    if "bind" in flags.replace(",", " ").split() or kind in {"none", "bind"}:
        yield from _reach(box, f"The volume `{name}`", device, keys)
    elif device.startswith("/dev/"):
        words = _words("escape-device", f"The volume `{name}`", device)
        yield Escape(rule="escape-device", keys=keys, message=words)
    elif device:
        words = f"The volume `{name}` mounts `{device}`, which lies outside this tree."
        yield Escape(rule="escape-bind-outside-tree", keys=keys, message=words)


def remote_source(config: Mapping[str, Any], box: Box) -> Iterator[Escape]:
    """Includes, extends, build contexts and env files that are remote or lie outside the tree."""
    for index, item in enumerate(listed(config.get("include"))):
        part = mapping(item)
        for path in listed(part.get("path")) + listed(part.get("env_file")) if part else [item]:
            yield from _source(box, str(path), "The stack includes", ("include", index))
    for name, service in services(config):
        where: Keys = ("services", name)
        extends = mapping(service.get("extends")).get("file")
        if extends:
            yield from _source(box, str(extends), f"`{name}` extends", (*where, "extends"))
        for key in ("env_file", "label_file"):
            value = service.get(key)
            files = [value] if isinstance(value, Mapping) else listed(value)
            for index, file in enumerate(files):
                path = mapping(file).get("path") if isinstance(file, Mapping) else file
                if path:
                    yield from _source(box, str(path), f"`{name}` reads", (*where, key, index))
        yield from _contexts(name, service.get("build"), box)


def _contexts(name: str, build: object, box: Box) -> Iterator[Escape]:
    where: Keys = ("services", name, "build")
    if isinstance(build, str):
        yield from _source(box, build, f"`{name}` is built from", where)
        return
    part = mapping(build)
    context = str(part.get("context") or ".")
    yield from _source(box, context, f"`{name}` is built from", (*where, "context"))
    file = part.get("dockerfile")
    if file and not _REMOTE.match(context) and "${" not in context and box.holds(context):
        inner = str(file) if str(file).startswith("/") else f"{context}/{file}"
        yield from _source(box, inner, f"`{name}` is built by", (*where, "dockerfile"))
    contexts = part.get("additional_contexts")
    pairs = (
        contexts.items() if isinstance(contexts, Mapping) else [str(x).partition("=")[::2] for x in listed(contexts)]
    )
    for key, value in pairs:
        text = str(value)
        if text.startswith(("docker-image://", "service:", "target:")):
            continue
        text = text.removeprefix("oci-layout://")
        yield from _source(box, text, f"`{name}` is built from", (*where, "additional_contexts", str(key)))


def _source(box: Box, path: str, who: str, keys: Keys) -> Iterator[Escape]:
    if "${" in path:
        return
    if _REMOTE.match(path):
        words = f"{who} `{path}`, which is fetched from elsewhere: it may be another tomorrow."
        yield Escape(rule="escape-remote-source", keys=keys, message=words)
    elif not box.holds(path):
        words = f"{who} `{box.shown(path)}`, which lies outside this tree."
        yield Escape(rule="escape-remote-source", keys=keys, message=words)


def foreign_volumes(config: Mapping[str, Any], box: Box) -> Iterator[Escape]:
    """Volumes that are not the stack's own: another stack's data. Only where an untrusted stack is about to run."""
    del box
    for name, value in mapping(config.get("volumes")).items():
        volume = mapping(value)
        driver = word(volume.get("driver"))
        if volume.get("external"):
            words = f"The volume `{name}` is external: it holds another stack's data."
            yield Escape(rule="escape-bind-outside-tree", keys=("volumes", str(name)), message=words)
        elif driver not in {"", "local"}:
            words = f"The volume `{name}` is made by the driver `{driver}`, a program on the machine."
            yield Escape(rule="escape-bind-outside-tree", keys=("volumes", str(name)), message=words)
