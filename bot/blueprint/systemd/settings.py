"""Settings of a machine: the same variables, with the addresses and folders that hold without containers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.blueprint.environment import REFERENCE
from bot.blueprint.running import Running
from bot.blueprint.skill import RenderedFile


def at_home(value: str, services: Sequence[Running], state: str) -> str:
    """Return `value` with this machine in place of stock services' names, and `state` in place of volumes."""
    for service in services:
        if service.image:
            value = re.sub(rf"(^|//|@){re.escape(service.name)}(?=$|:\d|/(?!/))", r"\g<1>127.0.0.1", value)
        for _, path in service.volumes:
            if service.directory and value.startswith(f"{path}/"):
                value = state + value.removeprefix(path)
    return value


def settings_file(path: str, settings: Mapping[str, str]) -> RenderedFile:
    """Return the file that units read their settings from."""
    lines = "".join(f"{name}={_quoted(value)}\n" for name, value in settings.items())
    return RenderedFile(
        path=path, content=f"# What is no secret; install.sh puts it where the units read it.\n{lines}".encode()
    )


def secret_lines(secret: Mapping[str, str]) -> Iterable[str]:
    """Yield lines for a shell's here-document, in which it fills in `${KEY}`."""
    for name, value in secret.items():
        filled = REFERENCE.sub(r"${\1}", value)
        yield f"{name}={_quoted(filled)}"


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"[\s#;]", value) else value
