"""A commit of ours, taken apart for a forge that makes it anew."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bot.errors import RepositoryError
from bot.model.outgoing import Entry, Outgoing
from bot.workspace.git import git

_REMOVED: Final = "000000"


async def taken_apart(place: Path, commit: str) -> Outgoing:
    """Return the parts of `commit`, which has a parent, of the repository in `place`.

    Raises:
        RepositoryError: A path is no UTF-8, so that no JSON can hold it.
    """
    raw = await git("cat-file", "commit", commit, cwd=place)
    head, _, message = raw.partition(b"\n\n")
    fields = [line.split(b" ", 1) for line in head.split(b"\n") if b" " in line]
    parents = tuple(value.decode() for name, value in fields if name == b"parent")
    before = (await git("rev-parse", f"{parents[0]}^{{tree}}", cwd=place)).decode().strip()
    words = ("diff-tree", "-r", "-z", "--no-renames", parents[0], commit)
    told = (await git(*words, cwd=place)).split(b"\0")
    new = await _new(place, commit, parents)
    entries = [
        _entry(about.decode(), _text(path), new) for about, path in zip(told[::2], told[1::2], strict=False) if about
    ]
    return Outgoing(
        parents=parents,
        message=message.decode(errors="replace"),
        tree=next(value.decode() for name, value in fields if name == b"tree"),
        before=before,
        entries=tuple(entries),
    )


def _text(path: bytes) -> str:
    try:
        return path.decode()
    except UnicodeDecodeError as error:
        shown = path.decode(errors="replace")
        raise RepositoryError(
            f"The path `{shown}` is no UTF-8, and GitHub's API cannot hold it.",
            hint="rename it, or have commits pushed: `commits: pushed` in `.github/groundwork.yml`",
        ) from error


def _entry(about: str, path: str, new: dict[str, bytes]) -> Entry:
    _, mode, _, object_id, _ = about.split(" ")
    if mode == _REMOVED:
        return Entry(path=path, mode="100644", object_id="")
    return Entry(path=path, mode=mode, object_id=object_id, content=new.get(object_id))


async def _new(place: Path, commit: str, parents: tuple[str, ...]) -> dict[str, bytes]:
    """Return the contents that no parent has, by their ids."""
    words = ("rev-list", "--objects", "--no-object-names", "--filter=object:type=blob", "--missing=allow-any")
    wanted = (commit, *(f"^{parent}" for parent in parents))
    listed = await git(*words, *wanted, cwd=place)
    read = await git("cat-file", "--batch", cwd=place, data=listed)
    found: dict[str, bytes] = {}
    position = 0
    while position < len(read):
        end = read.index(b"\n", position)
        object_id, kind, *size = read[position:end].decode().split(" ")
        if kind == "missing":
            position = end + 1
            continue
        length = int(size[0])
        if kind == "blob":
            found[object_id] = read[end + 1 : end + 1 + length]
        position = end + 1 + length + 1
    return found
