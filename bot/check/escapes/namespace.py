"""Namespaces of the machine, or of containers that are not the stack's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.check.escapes.escape import Box, Escape, listed, mapping, services, word

_RULE: Final = "escape-host-namespace"
_KEYS: Final = {
    "network_mode": "network",
    "net": "network",
    "pid": "processes",
    "ipc": "shared memory",
    "userns_mode": "user ids",
    "uts": "host name",
    "cgroup": "control groups",
}
_WORLD: Final = frozenset({"host", "macvlan", "ipvlan"})


def host_namespace(config: Mapping[str, Any], box: Box) -> Iterator[Escape]:
    """Network, pid, ipc, userns, uts, cgroup: the machine's own, or another container's."""
    del box
    for name, service in services(config):
        where = ("services", name)
        for key, what in _KEYS.items():
            value = word(service.get(key))
            if value == "host":
                words = f"`{name}` shares the machine's {what} (`{key}: host`)."
                yield Escape(rule=_RULE, keys=(*where, key), message=words)
            elif value.startswith("container:"):
                words = f"`{name}` shares the {what} of a container outside this stack (`{key}: {value}`)."
                yield Escape(rule=_RULE, keys=(*where, key), message=words)
        if service.get("cgroup_parent"):
            words = f"`{name}` chooses its own parent among the machine's control groups (`cgroup_parent`)."
            yield Escape(rule=_RULE, keys=(*where, "cgroup_parent"), message=words)
        build = mapping(service.get("build"))
        network = word(build.get("network"))
        if network == "host" or network.startswith("container:"):
            words = f"The build of `{name}` runs on a network that is not its own (`network: {network}`)."
            yield Escape(rule=_RULE, keys=(*where, "build", "network"), message=words)
        for index, entitlement in enumerate(listed(build.get("entitlements"))):
            if word(entitlement) == "network.host":
                words = f"The build of `{name}` asks for the machine's network (`network.host`)."
                yield Escape(rule=_RULE, keys=(*where, "build", "entitlements", index), message=words)
    for name, network_value in mapping(config.get("networks")).items():
        network_config = mapping(network_value)
        external = network_config.get("external")
        actual = network_config.get("name") or mapping(external).get("name") or name
        if word(network_config.get("driver")) in _WORLD or (external and word(actual) == "host"):
            words = f"The network `{name}` is the machine's own, not one of this stack."
            yield Escape(rule=_RULE, keys=("networks", str(name)), message=words)
