"""A `.env` file: settings of ours put in, all other lines left as they are, readable by its owner alone."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path


def with_values(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with each of `values` set: in the place where it stood, or at the end."""
    left = dict(values)
    lines = []
    for line in text.splitlines():
        found = re.match(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=", line)
        if found and found[1] in values:
            if found[1] in left:
                lines.append(_line(found[1], left.pop(found[1])))
        else:
            lines.append(line)
    return "\n".join([*lines, *(_line(name, value) for name, value in left.items()), ""])


def write_private(path: Path, text: str) -> None:
    """Replace `path` as a whole, with mode 0600: nobody sees half of it, and nobody else any of it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".env-")  # made with mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _line(name: str, value: str) -> str:
    """Return an assignment that is read back as `value`: in quotes unless it is one plain word."""
    if re.fullmatch(r"[\w./:@+-]*", value):
        return f"{name}={value}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{name}="{escaped}"'
