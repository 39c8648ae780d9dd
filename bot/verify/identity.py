"""As whom files are made, and whose run a stack belongs to."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OWNER_LABEL: Final = "groundwork.owner"
_SERVICE_UID: Final = 1000
_GRACE: Final = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Numbers for `UID` and `GID`, and for the files of the private tree."""

    uid: int
    gid: int


def identity_for(tree: Path) -> Identity:
    """Return this user, or for root the tree's owner, or 1000: run as root, a stack could hide root-owned files."""
    if os.getuid():
        return Identity(uid=os.getuid(), gid=os.getgid())
    owner = tree.stat()
    if owner.st_uid:
        return Identity(uid=owner.st_uid, gid=owner.st_gid)
    return Identity(uid=_SERVICE_UID, gid=_SERVICE_UID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The process a stack belongs to, precise enough to know that it is gone.

    Attributes:
        host: Boot id and process namespace: process numbers mean something only within it.
        pid: Process number.
        began: Start of the process in clock ticks since boot: numbers are used again, starts are not.
        until: Seconds since the epoch after which the stack is nobody's, wherever its owner lived.
        token: Tells the verifications of one process apart.
    """

    host: str
    pid: int
    began: str
    until: int
    token: str

    def __str__(self) -> str:
        """One label value."""
        return f"{self.host}/{self.pid}/{self.began}/{self.until}/{self.token}"


def this_owner(timeout: float) -> Owner:
    """Return a new owner for a verification that ends within about `timeout` seconds."""
    pid = os.getpid()
    return Owner(
        host=_host(), pid=pid, began=_began(pid), until=int(time.time() + timeout + _GRACE), token=secrets.token_hex(4)
    )


def is_abandoned(label: str) -> bool:
    """Whether the owner that `label` names is gone; a label that cannot be read is not ours to judge."""
    parts = label.split("/")
    if len(parts) != 5 or not parts[1].isdigit() or not parts[3].isdigit():
        return False
    host, pid, began, until = parts[0], int(parts[1]), parts[2], int(parts[3])
    if host == _host():
        return _began(pid) != began
    return time.time() > until


def _host() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:13]
        space = str(Path("/proc/self/ns/pid").readlink()).strip("pid:[]")
    except OSError:  # not Linux: nothing to compare with, so only the time decides
        return "elsewhere"
    return f"{boot}.{space}"


def _began(pid: int) -> str:
    """Return field 22 of /proc/PID/stat, "" for a process that is gone (or a zombie: it will never tear down)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in {"Z", "X"} else fields[19]
