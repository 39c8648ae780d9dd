"""The environment that Compose sees, and the stack's own `.env`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final

from bot.verify.identity import Identity

_KEPT: Final = ("PATH", "HOME", "XDG_RUNTIME_DIR", "LANG", "LC_ALL", "TMPDIR")
_LINE: Final = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=", re.MULTILINE)


def clean_environment(ours: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what Docker needs to run, and nothing a stack could pick up: no token, no setting of ours."""
    source = os.environ if ours is None else ours
    kept = {name: value for name, value in source.items() if name in _KEPT or name.startswith("DOCKER_")}
    return kept | {
        # A remote include is read while the file is resolved, so before the gate could refuse it.
        "COMPOSE_EXPERIMENTAL_GIT_REMOTE": "false",
        "COMPOSE_EXPERIMENTAL_OCI_REMOTE": "false",
        "COMPOSE_MENU": "false",
        "BUILDKIT_PROGRESS": "plain",
        "DOCKER_CLI_HINTS": "false",
    }


def dotenv(example: str, identity: Identity) -> str:
    """Return `.env.example` with `UID` and `GID` of `identity`, replaced in place or added at the end."""
    text = example
    for name, value in (("UID", identity.uid), ("GID", identity.gid)):
        pattern = re.compile(rf"^(\s*(?:export\s+)?){name}\s*=.*$", re.MULTILINE)
        if pattern.search(text):
            text = pattern.sub(rf"\g<1>{name}={value}", text)
        else:
            text = f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{name}={value}\n"
    return text


def variable_names(text: str) -> tuple[str, ...]:
    """Return the names that an env file defines."""
    return tuple(_LINE.findall(text))
