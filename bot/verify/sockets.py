"""On which addresses a container's processes listen: evidence for a check that asks the wrong one."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from docker import APIClient

_LISTEN: Final = "0A"
_MOST: Final = 20


def listening(client: APIClient, container: str) -> tuple[str, ...]:
    """Return addresses such as `0.0.0.0:8000` and `[::]:80`; empty where nobody can tell.

    From the host's /proc where this machine runs the container, which needs no program inside it; else through `cat`.
    """
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        pid = int(client.inspect_container(container)["State"].get("Pid") or 0)
        if not pid:
            return ()
        text = _host_tables(pid)
        if text is None:
            job = client.exec_create(container, ["cat", "/proc/net/tcp", "/proc/net/tcp6"], stderr=False)
            text = client.exec_start(job["Id"]).decode("ascii", "replace")
    except (DockerException, RequestException, OSError):
        return ()
    return parse_tables(text)


def _host_tables(pid: int) -> str | None:
    tables = (Path(f"/proc/{pid}/net/tcp"), Path(f"/proc/{pid}/net/tcp6"))
    try:
        cgroup = Path(f"/proc/{pid}/cgroup").read_text()
        if "docker" not in cgroup and "containerd" not in cgroup:  # some other process of this machine
            return None
        return "\n".join(table.read_text() for table in tables if table.exists())
    except OSError:
        return None


def parse_tables(text: str) -> tuple[str, ...]:
    """Return the listening addresses in the kernel's TCP tables, IPv4 first, Docker's own resolver left out."""
    found: dict[str, None] = {}
    for line in text.splitlines():
        fields = line.split()
        if len(fields) < 4 or fields[3] != _LISTEN or ":" not in fields[1]:
            continue
        raw, _, port = fields[1].partition(":")
        packed = bytes.fromhex(raw)
        # Each 32-bit word is in the order of the processor, little-endian wherever Docker runs today.
        words = b"".join(packed[index : index + 4][::-1] for index in range(0, len(packed), 4))
        address = ipaddress.ip_address(words)
        if str(address) == "127.0.0.11":
            continue
        shown = f"[{address}]" if address.version == 6 else str(address)
        found[f"{shown}:{int(port, 16)}"] = None
    return tuple(found)[:_MOST]
