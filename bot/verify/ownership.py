"""Files that containers left in bind mounts and that belong to root: nobody but root can remove them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from bot.verify.identity import Identity
from bot.verify.plan import BindMount

_MOST_SHOWN: Final = 20
_MOST_LOOKED_AT: Final = 50_000


def root_owned(root: Path, binds: Sequence[BindMount], identity: Identity) -> Mapping[str, tuple[str, ...]]:
    """Return by service the root-owned paths in its bind mounts, relative to the tree.

    Everything in the private tree belonged to `identity` before the start, so what belongs to root now was made by a
    container. Where several services share a folder, those that may run as root are named.
    """
    if identity.uid == 0:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    writable = [bind for bind in binds if not bind.read_only and Path(bind.source).is_relative_to(root)]
    for bind in writable:
        shared = [other for other in writable if other.source == bind.source]
        if bind.user and not _may_be_root(bind.user) and any(_may_be_root(other.user) for other in shared):
            continue
        paths = tuple(_owned(Path(bind.source), root))
        if paths:
            found[bind.service] = tuple(dict.fromkeys((*found.get(bind.service, ()), *paths)))[:_MOST_SHOWN]
    return found


def _may_be_root(user: str) -> bool:
    return not user or user.partition(":")[0] in {"0", "root"}


def _owned(source: Path, root: Path) -> Iterator[str]:
    looked = shown = 0
    for path in _paths(source):
        looked += 1
        if looked > _MOST_LOOKED_AT or shown >= _MOST_SHOWN:
            return
        try:
            owner = path.lstat().st_uid
        except OSError:
            continue
        if owner == 0:
            shown += 1
            yield path.relative_to(root).as_posix()


def _paths(source: Path) -> Iterator[Path]:
    yield source
    for folder, folders, files in os.walk(source):
        folders.sort()
        for name in (*folders, *sorted(files)):
            yield Path(folder) / name
