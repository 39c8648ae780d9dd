"""Variables in a Dockerfile: expansion, and what ARGs in front of the first FROM are worth."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.parse.dockerfile_model import Dockerfile

_VARIABLE: Final = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+?])([^{}]*))?\})")
# What BuildKit sets by itself, to something on this platform.
PLATFORM_ARGS: Final = {
    "TARGETPLATFORM": "linux/amd64",
    "TARGETOS": "linux",
    "TARGETARCH": "amd64",
    "BUILDPLATFORM": "linux/amd64",
    "BUILDOS": "linux",
    "BUILDARCH": "amd64",
}


def expand(text: str, values: Mapping[str, str | None]) -> str | None:
    """Expand `$X`, `${X}`, `${X:-default}` and `${X:+other}`; None where a variable's value is not known.

    A name that is not in `values` is empty, as in a build; a None in `values` is a value nobody here knows.
    """
    unknown = False

    def put(match: re.Match[str]) -> str:
        nonlocal unknown
        name, operator, other = match[1] or match[2], match[3] or "", match[4] or ""
        value = values.get(name, "")
        if value is None and operator != ":+":
            unknown = True
            return ""
        if operator.endswith("-"):
            return value if value or (operator == "-" and name in values) else other  # type: ignore[return-value]
        if operator.endswith("+"):
            return other if value else ""
        return value or ""

    result = _VARIABLE.sub(put, text)
    return None if unknown else result


def global_values(dockerfile: Dockerfile, args: Mapping[str, str | None] | None = None) -> dict[str, str | None]:
    """Return the values that ARGs in front of the first FROM have, `args` (of `build.args`) going first."""
    values: dict[str, str | None] = dict(PLATFORM_ARGS)
    for instruction in dockerfile.global_args:
        for pair in instruction.pairs:
            if args is not None and pair.name in args:
                values[pair.name] = args[pair.name]
            elif pair.value is not None:
                values[pair.name] = expand(pair.value, values)
            else:
                values[pair.name] = None
    return values
