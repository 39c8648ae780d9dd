"""Texts written into a folder, each whole or not at all, and never through a link somebody left there."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from bot.errors import RepositoryError


def write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    """Write `texts` (file name to text, as UTF-8) into `folder`, made where it is missing; other files stay.

    With no texts it only shows that some could be written.

    Raises:
        RepositoryError: The folder is a link or a file, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        why = "it is a symbolic link" if folder.is_symlink() else (error.strerror or "it cannot be opened")
        raise RepositoryError(
            f"The texts cannot be written to {folder}: {why}.", hint="name another directory with --out"
        ) from error
    try:
        if not os.access(folder, os.W_OK, effective_ids=True):
            raise PermissionError(errno.EACCES, "it may not be written")
        for name, text in texts.items():
            _write(opened, name, text.encode())
    except OSError as error:
        raise RepositoryError(
            f"The texts cannot be written to {folder}: {error.strerror}.", hint="name another directory with --out"
        ) from error
    finally:
        os.close(opened)


def _write(folder: int, name: str, data: bytes) -> None:
    """Write beside, then rename: a link named `name` is replaced, not followed, and no reader sees half a file."""
    beside = f".{name}.{secrets.token_hex(4)}"
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666, dir_fd=folder)
    try:
        with open(file, "wb") as stream:  # noqa: PTH123 - a descriptor, not a path
            stream.write(data)
        os.replace(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with suppress(FileNotFoundError):
            os.unlink(beside, dir_fd=folder)
        raise
