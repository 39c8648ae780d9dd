"""Watches a command from outside its container: what fills the disk or outlives its time is ended, whatever it does."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_MEBIBYTE: Final = 1024 * 1024
_OFTEN: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How far one command may go.

    Attributes:
        seconds: How long it may run.
        disk: MiB that it may add to the workspace.
        entries: Files and folders that it may add to the workspace: empty ones fill a disk too.
        spare: MiB that have to stay free on the disk; files that are open and have no name are counted nowhere else.
    """

    seconds: float
    disk: int
    entries: int
    spare: int


class Watch:
    """Looks at the workspace and the clock while a command runs, and calls `stop` when a bound is passed.

    No event tells that a disk fills up, no quota holds a bind mount, and the `timeout` inside the container can be
    stopped by what it watches.
    """

    def __init__(self, folder: Path, bounds: Bounds, stop: Callable[[], None]) -> None:
        self._folder = folder
        self._bounds = bounds
        self._stop = stop
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="sandbox-watch", daemon=True)
        self._size = self._entries = 0
        self.why = ""

    def __enter__(self) -> Self:
        self._size, self._entries = self._measure()
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        """Look again after ten times as long as looking took, so that a large tree costs a tenth of a core at most."""
        begun = time.monotonic()
        pause = _OFTEN
        while not self._ended.wait(min(pause, max(0.0, begun + self._bounds.seconds - time.monotonic()))):
            looked = time.monotonic()
            self.why = self._passed(looked - begun)
            if self.why:
                self._stop()
                return
            pause = max(_OFTEN, 10 * (time.monotonic() - looked))

    def _passed(self, seconds: float) -> str:
        bounds = self._bounds
        if seconds >= bounds.seconds:
            return f"it did not end when its {bounds.seconds:.0f} s were over"
        size, entries = self._measure()
        if size - self._size > bounds.disk * _MEBIBYTE:
            return f"it wrote more than {bounds.disk} MiB"
        if entries - self._entries > bounds.entries:
            return f"it made more than {bounds.entries} files"
        if shutil.disk_usage(self._folder).free < bounds.spare * _MEBIBYTE:
            return f"less than {bounds.spare} MiB of this machine's disk are left"
        return ""

    def _measure(self) -> tuple[int, int]:
        """Return the bytes on disk and the number of entries; what vanishes meanwhile counts as gone."""
        total = entries = 0
        for _folder, folders, files, handle in os.fwalk(self._folder):
            entries += len(folders) + len(files)
            for name in files:
                with contextlib.suppress(OSError):
                    total += os.stat(name, dir_fd=handle, follow_symlinks=False).st_blocks * 512
            if self._ended.is_set():
                break
        return total, entries
