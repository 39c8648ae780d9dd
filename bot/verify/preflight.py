"""What must be there before the first container: `.env`, and the folders that are mounted."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from bot.verify.environment import dotenv
from bot.verify.identity import Identity
from bot.verify.plan import BindMount


def write_dotenv(folder: Path, original: Path, identity: Identity) -> None:
    """Write `.env` into the private tree, from `.env.example`, or from the tree's own `.env` where that is all."""
    text = ""
    for candidate in (folder / ".env.example", folder / ".env", original / ".env"):
        if candidate.is_file() and not candidate.is_symlink():
            text = candidate.read_text("utf-8", "replace")
            break
    target = folder / ".env"
    if target.is_symlink():  # writing through it would leave the private tree
        target.unlink()
    target.write_text(dotenv(text, identity), "utf-8")
    _give(target, identity)


def make_bind_folders(binds: Iterable[BindMount], root: Path, identity: Identity) -> tuple[str, ...]:
    """Make missing sources of bind mounts as the user; return a remark for each: elsewhere they would be root's."""
    remarks: list[str] = []
    for bind in binds:
        source = Path(bind.source)
        if source.exists() or not source.is_relative_to(root):
            continue
        missing = [
            folder for folder in (source, *source.parents) if folder.is_relative_to(root) and not folder.exists()
        ]
        for folder in reversed(missing):
            folder.mkdir()
            _give(folder, identity)
        shown = source.relative_to(root).as_posix()
        remarks.append(f"`{bind.service}` mounts `{shown}`, which does not exist: Docker would make it, as root.")
    return tuple(remarks)


def _give(path: Path, identity: Identity) -> None:
    if os.getuid() == 0:
        os.chown(path, identity.uid, identity.gid)
