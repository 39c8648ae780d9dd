"""Reading files out of an archive that anybody may have made: nothing is unpacked, and everything is bounded."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.errors import InvalidValueError

_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED: Final = 0x1
# What zipfile raises for bytes that are no archive, or no honest one.
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much an archive may be.

    Attributes:
        archive: Bytes of the archive itself.
        entries: Files and folders in it.
        whole: Bytes of all files together, unpacked.
        file: Bytes of one file that is read.
        ratio: Times that a file may grow when it is unpacked; small files are not held against it.
        name: Characters of a path.
    """

    archive: int = 20 * 1024 * 1024
    entries: int = 1_000
    whole: int = 100 * 1024 * 1024
    file: int = 8 * 1024 * 1024
    ratio: int = 250
    name: int = 300


BOUNDS: Final = Bounds()
_SMALL: Final = 64 * 1024


def read_files(data: bytes, names: Sequence[str], bounds: Bounds = BOUNDS) -> dict[str, bytes]:
    """Return name -> contents for those of `names` that the archive `data` holds.

    Raises:
        InvalidValueError: It is no archive, or one that no honest workflow makes: all of it counts as nothing.
    """
    if len(data) > bounds.archive:
        raise InvalidValueError(f"the archive is larger than {bounds.archive} bytes")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _judge(entries, bounds)
            wanted = [entry for entry in entries if entry.filename in names]
            return {entry.filename: _contents(archive, entry, bounds) for entry in wanted}
    except InvalidValueError:
        raise
    except _BROKEN as error:
        raise InvalidValueError(f"the archive cannot be read: {type(error).__name__}") from error


def _judge(entries: Sequence[zipfile.ZipInfo], bounds: Bounds) -> None:
    if len(entries) > bounds.entries:
        raise InvalidValueError(f"the archive holds more than {bounds.entries} entries")
    if sum(entry.file_size for entry in entries) > bounds.whole:
        raise InvalidValueError(f"the archive unpacks to more than {bounds.whole} bytes")
    seen: set[str] = set()
    for entry in entries:
        wrong = _wrong(entry, bounds)
        # Two names that differ in case alone are one file on many a disk.
        folded = entry.orig_filename.rstrip("/").casefold()
        if wrong or folded in seen:
            raise InvalidValueError(f"the archive holds {wrong or 'a name twice'}")
        seen.add(folded)


def _wrong(entry: zipfile.ZipInfo, bounds: Bounds) -> str:
    """Return what is wrong with one entry, or ""."""
    # zipfile cuts a name at its first NUL; the original tells.
    name = entry.orig_filename
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if len(name) > bounds.name or not name.isprintable() or not name:
        return "a name that cannot be shown"
    parts = name.removesuffix("/").split("/")
    if "\\" in name or ":" in name or any(part in {"", ".", ".."} for part in parts):
        return "a name that leaves its folder"
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "what is neither a file nor a folder"
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
        return "a file that is encrypted, or packed in an unusual way"
    if entry.file_size > _SMALL and entry.file_size > bounds.ratio * max(entry.compress_size, 1):
        return f"a file that grows more than {bounds.ratio} times"
    return ""


def _contents(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, bounds: Bounds) -> bytes:
    with archive.open(entry) as file:
        data = file.read(bounds.file + 1)  # what the directory says of its size is only what it says
    if len(data) > bounds.file:
        raise InvalidValueError(f"`{entry.filename}` is larger than {bounds.file} bytes")
    return data
