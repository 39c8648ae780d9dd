"""Privileges: privileged containers, added capabilities, devices, profiles that are switched off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.check.escapes.escape import Box, Escape, listed, mapping, services, word, yes

# What Docker gives every container anyway; adding one back after `cap_drop: ALL` gives nothing more.
_DEFAULT_CAPABILITIES: Final = frozenset(
    [
        "CHOWN",
        "DAC_OVERRIDE",
        "FSETID",
        "FOWNER",
        "MKNOD",
        "NET_RAW",
        "SETGID",
        "SETUID",
        "SETFCAP",
        "SETPCAP",
        "NET_BIND_SERVICE",
        "SYS_CHROOT",
        "KILL",
        "AUDIT_WRITE",
    ]
)


def privileged(config: Mapping[str, Any], box: Box) -> Iterator[Escape]:
    """Containers, builds, hooks and providers with the host's own powers."""
    del box
    rule = "escape-privileged"
    for name, service in services(config):
        where = ("services", name)
        if yes(service.get("privileged")):
            words = f"`{name}` is privileged: root in it is root on the machine."
            yield Escape(rule=rule, keys=(*where, "privileged"), message=words)
        build = mapping(service.get("build"))
        if yes(build.get("privileged")):
            words = f"The build of `{name}` is privileged: its commands run with the machine's own powers."
            yield Escape(rule=rule, keys=(*where, "build", "privileged"), message=words)
        for index, entitlement in enumerate(listed(build.get("entitlements"))):
            if word(entitlement).startswith(("security.insecure", "device")):
                words = f"The build of `{name}` asks for `{entitlement}`: its commands leave the build's sandbox."
                yield Escape(rule=rule, keys=(*where, "build", "entitlements", index), message=words)
        for hook in ("post_start", "pre_stop"):
            for index, step in enumerate(listed(service.get(hook))):
                if yes(mapping(step).get("privileged")):
                    words = f"A {hook} hook of `{name}` is privileged: root in it is root on the machine."
                    yield Escape(rule=rule, keys=(*where, hook, index, "privileged"), message=words)
        if service.get("provider") is not None:
            words = f"`{name}` has a provider: compose runs a program on the machine itself for it."
            yield Escape(rule=rule, keys=(*where, "provider"), message=words)


def capability(config: Mapping[str, Any], box: Box) -> Iterator[Escape]:
    """Capabilities beyond those that every container has."""
    del box
    for name, service in services(config):
        for index, added in enumerate(listed(service.get("cap_add"))):
            capability_name = word(added).upper().removeprefix("CAP_")
            if capability_name and capability_name not in _DEFAULT_CAPABILITIES:
                yield Escape(
                    rule="escape-capability",
                    keys=("services", name, "cap_add", index),
                    message=f"`{name}` adds the capability `{capability_name}`, which containers do not have: with it "
                    "a process can reach beyond its own.",
                )


def device(config: Mapping[str, Any], box: Box) -> Iterator[Escape]:
    """Devices of the machine, graphics cards included."""
    del box
    for name, service in services(config):
        for key in ("devices", "device_cgroup_rules", "gpus"):
            if service.get(key) not in (None, [], ""):
                yield _device(name, (key,))
        reserved = mapping(mapping(mapping(service.get("deploy")).get("resources")).get("reservations"))
        if reserved.get("devices"):
            yield _device(name, ("deploy", "resources", "reservations", "devices"))
        if word(service.get("runtime")).startswith("nvidia"):
            yield _device(name, ("runtime",))


def _device(service: str, keys: tuple[str, ...]) -> Escape:
    words = (
        f"`{service}` is given devices of the machine (`{'.'.join(keys)}`): what they hold or control is not its own."
    )
    return Escape(rule="escape-device", keys=("services", service, *keys), message=words)


def unconfined(config: Mapping[str, Any], box: Box) -> Iterator[Escape]:
    """Security profiles that are switched off or replaced."""
    del box
    for name, service in services(config):
        for index, option in enumerate(listed(service.get("security_opt"))):
            if _loosens(word(option)):
                yield Escape(
                    rule="escape-unconfined",
                    keys=("services", name, "security_opt", index),
                    message=f"`{name}` runs with `{option}`: a profile that keeps containers in is off or replaced.",
                )


def _loosens(option: str) -> bool:
    kind, _, value = option.replace("=", ":", 1).partition(":")
    if kind == "seccomp":
        return value not in {"builtin", "default", "runtime/default"}
    if kind == "apparmor":
        return value not in {"docker-default", "runtime/default"}
    if kind == "label":
        return value.replace("=", ":").startswith(("disable", "type:"))
    return (kind == "systempaths" and value == "unconfined") or (kind == "writable-cgroups" and value != "false")
