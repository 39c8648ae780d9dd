"""Which hosts a sandbox may ask for: registries by data file, this machine's mirrors, and what the operator lists."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from bot.errors import UsageError

_TABLE: Final = Path(__file__).with_name("registries.toml")
_NAME: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\Z")
HTTP: Final = 80
HTTPS: Final = 443


@dataclass(frozen=True, slots=True)
class Allowlist:
    """Pairs of host and port that may be asked for; everything else is refused.

    Attributes:
        targets: All of them.
        own: Those that this machine's administrator named himself; they may be in his own network.
    """

    targets: frozenset[tuple[str, int]]
    own: frozenset[tuple[str, int]] = frozenset()

    def refuses(self, host: str, port: int) -> str:
        """Return why `host` and `port` may not be asked for; "" where they may."""
        if _is_address(host):
            return "addresses are not asked for, only names"
        if (host, port) in self.targets:
            return ""
        if any(name == host for name, _port in self.targets):
            return f"port {port} of this registry is not on the list"
        return "this host is not on the list of registries"


def allowlist(listed: Iterable[str] = (), *, mirrors: Iterable[tuple[str, int]] = ()) -> Allowlist:
    """Return the registries of the data file, `mirrors`, and what the operator `listed`: `HOST` or `HOST:PORT`.

    Raises:
        UsageError: what is listed is no host name; wildcards, addresses and URLs are not.
    """
    own = frozenset({pair for text in listed for pair in _pairs(text)} | {*mirrors})
    return Allowlist(own | {(name, port) for name in registries() for port in (HTTP, HTTPS)}, own)


@cache
def registries() -> frozenset[str]:
    """Return the hosts of the data file."""
    kinds: dict[str, dict[str, list[str]]] = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return frozenset(f"{name}.{domain}" for kind in kinds.values() for domain, names in kind.items() for name in names)


def host_name(text: str) -> str:
    """Return a host name as it is compared: lower case, without the final dot; "" where it is none."""
    name = text.lower().removesuffix(".")
    return name if _NAME.match(name) else ""


def _pairs(text: str) -> tuple[tuple[str, int], ...]:
    host, _, port = text.strip().partition(":")
    name = host_name(host)
    if not name or _is_address(name) or (port and not (port.isdecimal() and 0 < int(port) < 65_536)):
        raise UsageError(
            f"`{text}` is no host that a sandbox could be let out to.",
            hint="list names such as packages.example.com or packages.example.com:8443; no wildcards, no URLs",
        )
    return ((name, int(port)),) if port else ((name, HTTP), (name, HTTPS))


def _is_address(host: str) -> bool:
    """Whether `host` is an address in any form that a resolver understands: also `2130706433`, `0x7f.1` and `127.1`."""
    if re.fullmatch(r"(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+)){0,3}", host):
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
