"""Which container the engine refused to create, from what `docker compose up` printed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_CREATING = re.compile(r"\s*Container (?P<name>\S+)\s+(?P<state>Creating|Created|Recreate|Recreated)\s*\Z")
_ENGINE = re.compile(r"\s*Error response from daemon: (?P<words>.+)")


def uncreated(lines: Iterable[str], project: str) -> tuple[str, str] | None:
    """Return the service and the engine's words; None where none failed so, or where it may be one of several.

    Args:
        lines: What `docker compose up` printed, in order.
        project: The project's name; compose names containers `project-service-number`.
    """
    open_names: dict[str, None] = {}
    words = ""
    for line in lines:
        if found := _CREATING.match(line):
            if found["state"] == "Creating":
                open_names[found["name"]] = None
            else:
                open_names.pop(found["name"], None)
        elif said := _ENGINE.match(line):
            words = words or said["words"].strip()
    names = [name.removeprefix(f"{project}-").rpartition("-")[0] for name in open_names]
    return (names[0], words) if words and len(names) == 1 and names[0] else None
