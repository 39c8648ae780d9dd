"""What a health check's command asks: host, port, path and program, as far as its words tell. Pure."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

_URL: Final = re.compile(r"https?://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9_.-]+)(?::(\d+))?(/[^\s'\"`;|&)<>]*)?")
_NETCAT: Final = re.compile(r"\b(?:nc|ncat|netcat)\b[^|;&]*?\s(?=\S*[A-Za-z.:])([A-Za-z0-9_.:\[\]]\S*)\s+(\d{2,5})\b")
_SHELL: Final = frozenset({"sh", "bash", "ash", "/bin/sh", "/bin/bash", "/bin/ash", "exec", "env", "timeout"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where a check connects to; `path` is "" for plain TCP."""

    host: str
    port: int
    path: str


def asked_by(command: str) -> Asked | None:
    """Return what `command` asks over the network, None where it does not tell."""
    if (url := _URL.search(command)) is not None:
        scheme = 443 if url.group(0).startswith("https") else 80
        return Asked(host=url.group(1).strip("[]"), port=int(url.group(2) or scheme), path=url.group(3) or "/")
    if (netcat := _NETCAT.search(command)) is not None:
        return Asked(host=netcat.group(1).strip("[]"), port=int(netcat.group(2)), path="")
    return None


def checked_path(command: str, port: int) -> str:
    """Return the HTTP path that a check asks for on `port`, "" where it asks for none."""
    asked = asked_by(command)
    return asked.path if asked is not None and asked.port == port else ""


def program(command: str) -> str:
    """Return the first program of a command, shells left aside; "" where the words cannot be split."""
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    for word in words:
        if word in _SHELL or word.startswith("-") or "=" in word:
            continue
        return PurePosixPath(word.split()[0]).name if word.split() else ""
    return ""
