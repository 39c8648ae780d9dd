"""What is happening now, and how long each step took: a live line in a terminal, plain lines elsewhere."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from rich.status import Status

    from bot.verify.progress import Happening

T = TypeVar("T")

# Step names are the durable story's; these are the words for them.
WORDS: Final[dict[str, str]] = {
    "base": "reading the repository",
    "merge-base": "taking in what came to the base branch",
    "brief": "understanding the project",
    "revise": "changing what was asked for",
    "write": "writing the infrastructure and checking it",
    "commit": "committing",
    "verify": "verifying",
    "repair": "repairing",
    "describe": "reading what is proposed",
    "propose": "writing pull request and report",
}


class Progress:
    """Prints steps to `stream`: live where it is a terminal, a line a step otherwise, nothing when `quiet`."""

    def __init__(self, *, quiet: bool, stream: IO[str] | None = None) -> None:
        self._stream: IO[str] = stream or sys.stderr
        self._quiet = quiet
        self._live = not quiet and self._stream.isatty()
        self._status: Status | None = None
        self._lock = threading.Lock()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show `title` while the block runs, then how long it took and how it ended."""
        begun = time.monotonic()
        with self._shown(title):
            try:
                yield
            except BaseException:
                self._line(f"✗ {title} ({_seconds(time.monotonic() - begun)})")
                raise
        self._line(f"✓ {title} ({_seconds(time.monotonic() - begun)})")

    @contextmanager
    def _shown(self, title: str) -> Iterator[None]:
        if not self._live:
            yield
            return
        from rich.console import Console

        with Console(file=self._stream).status(title) as status:
            self._status = status
            try:
                yield
            finally:
                self._status = None

    def now(self, text: str) -> None:
        """Say what is happening inside the current step: the live line in a terminal, a plain line elsewhere."""
        with self._lock:
            if self._quiet:
                return
            status = self._status
            if status is not None:
                from rich.text import Text

                status.update(Text(text))
            else:
                self._write(f"  {text}")

    @property
    def live(self) -> bool:
        """Whether a person watches one line that changes, rather than lines that stay."""
        return self._live

    def _line(self, text: str) -> None:
        with self._lock:
            if not self._quiet:
                self._write(text)

    def _write(self, text: str) -> None:
        """Write a line; on a stream that cannot show the marks, with plain ones."""
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(f"{text}\n".encode(encoding, "replace").decode(encoding))
        self._stream.flush()


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.1f} min"


class TerminalSteps:
    """Runs the steps of a story one after the other in this process, telling a person about each."""

    def __init__(self, progress: Progress, *, verifies: bool = True) -> None:
        self._progress = progress
        self._words = WORDS if verifies else {**WORDS, "verify": "leaving it unverified, as asked"}

    async def run(self, name: str, kind: type[T], work: Callable[[], Awaitable[T]]) -> T:
        """Run `work`, shown under the words for `name`."""
        del kind  # nothing is stored here, so nothing needs decoding
        stem, _, number = name.partition("-")
        title = self._words.get(stem, stem)
        if re.fullmatch(r"\d+", number) and number != "1":
            title = f"{title}, attempt {number}"
        with self._progress.step(title):
            return await work()


class Happenings:
    """Tells a verification's happenings; where lines stay, only those worth keeping."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def happened(self, happening: Happening) -> None:
        """Show `happening`: each one on a live line, else what containers and phases did."""
        from bot.verify.progress import BuildStep, ContainerHappening, PhaseEnded

        fleeting = isinstance(happening, BuildStep | PhaseEnded) or (
            isinstance(happening, ContainerHappening) and happening.change == "created"
        )
        if self._progress.live or not fleeting:
            self._progress.now(happening.words)
