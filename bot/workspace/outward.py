"""Which written links lead out of the repository: who checks it out would read, or overwrite, files of their own."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def outward(root: Path, paths: Iterable[bytes]) -> tuple[str, ...]:
    """Return those of the written `paths` that are links to somewhere else than below `root`.

    An absolute target is somewhere else wherever it points: the repository lies in another place for each reader.
    """
    return tuple(sorted(path for path in map(os.fsdecode, set(paths)) if _leads_out(root, path)))


def _leads_out(root: Path, path: str) -> bool:
    place = Path(root, path)
    try:
        target = place.readlink()
    except OSError:
        return False  # no link, or gone
    top = os.path.realpath(root)
    return target.is_absolute() or not Path(os.path.realpath(place)).is_relative_to(top)
