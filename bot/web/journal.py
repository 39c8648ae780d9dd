"""A file that jobs are written to before anything is promised: lines of JSON, appended, synced, folded when long."""

from __future__ import annotations

import os
from errno import ENOSPC
from pathlib import Path
from typing import Final

import msgspec

_LONG: Final = 8_000_000  # bytes, from which on it is folded when most of it tells of jobs that are done
_FULL: Final = 64_000_000  # bytes of jobs that are not done: so many only where the database has been away for long


class _Line(msgspec.Struct, omit_defaults=True):
    """Either a job that came, or the key of one that is done."""

    key: str
    job: msgspec.Raw = msgspec.Raw()
    done: bool = False


class Journal:
    """Jobs by their keys, as bytes of JSON; of one process at a time.

    Attributes:
        waiting: The jobs that are not done, the oldest first.
    """

    def __init__(self, file: Path, *, long: int = _LONG, full: int = _FULL) -> None:
        self._file = file
        self._long = long
        self._full = full
        self._descriptor = -1
        self._size = 0  # of the file
        self._live = 0  # of the jobs in it that are not done
        self._named = False  # whether the file's name is on the disk too
        self.waiting: dict[str, bytes] = {}

    def open(self) -> None:
        """Read what is not done, and begin to write.

        Raises:
            OSError: The file cannot be read or written.
        """
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._file.exists():
            for raw in self._file.read_bytes().split(b"\n"):
                try:
                    line = msgspec.json.decode(raw, type=_Line)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    continue  # the last line of a process that was killed: nobody was told that it was stored
                if line.done:
                    self.waiting.pop(line.key, None)
                else:
                    self.waiting[line.key] = bytes(line.job)
        self._live = sum(map(_size, self.waiting, self.waiting.values()))
        self.fold()

    def close(self) -> None:
        """Stop writing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    @property
    def is_long(self) -> bool:
        """Whether it is time to fold: as rarely as keeps the file within twice of what waits."""
        return self._size > self._long and self._size > 2 * self._live

    @property
    def is_full(self) -> bool:
        """Whether more waits than may."""
        return self._live > self._full

    def came(self, key: str, job: bytes) -> None:
        """Write that a job came; it is kept only once `sync` has returned.

        Raises:
            OSError: It could not be written; what was there before still is.
        """
        if self.is_full:
            raise OSError(ENOSPC, f"too many jobs wait in {self._file.name} for the database")
        self._append(msgspec.json.encode(_Line(key, msgspec.Raw(job))))
        self._forget(key)
        self._live += _size(key, job)
        self.waiting[key] = job

    def done(self, key: str) -> None:
        """Write that a job is done; what is lost of this is done again, which changes nothing.

        Raises:
            OSError: It could not be written.
        """
        self._forget(key)
        self._append(msgspec.json.encode(_Line(key, done=True)))

    def sync(self) -> None:
        """Return once everything written so far survives a loss of power.

        Raises:
            OSError: That is not certain.
        """
        os.fdatasync(self._descriptor)
        if not self._named:
            self._sync_name()

    def fold(self) -> None:
        """Write a new file that holds nothing but what waits, and go on with that; not while another thread syncs.

        Raises:
            OSError: It could not be written; nothing is lost by that.
        """
        fresh = self._file.with_name(f"{self._file.name}.new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        try:
            with os.fdopen(os.dup(descriptor), "wb") as file:
                for key, job in self.waiting.items():
                    file.write(msgspec.json.encode(_Line(key, msgspec.Raw(job))) + b"\n")
            os.fsync(descriptor)
            fresh.replace(self._file)
        except OSError:
            os.close(descriptor)
            raise
        # From here on the name means the new file, whether the disk knows that already or not.
        self.close()
        self._descriptor, self._size, self._named = descriptor, os.fstat(descriptor).st_size, False
        self._sync_name()

    def _forget(self, key: str) -> None:
        if key in self.waiting:
            self._live -= _size(key, self.waiting.pop(key))

    def _sync_name(self) -> None:
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._named = True

    def _append(self, line: bytes) -> None:
        data = line + b"\n"
        written = 0
        try:
            written = os.write(self._descriptor, data)
        finally:
            if written != len(data):  # half a line would spoil the next one
                os.ftruncate(self._descriptor, self._size)
        if written != len(data):
            raise OSError(ENOSPC, os.strerror(ENOSPC))
        self._size += len(data)


def _size(key: str, job: bytes) -> int:
    """Return about how long the line is."""
    return len(key) + len(job) + len('{"key":"","job":}\n')
