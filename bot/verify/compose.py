"""Docker Compose as a child process: clean environment, bounded output, ended when it must end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.errors import EngineUnavailableError
from bot.verify.stop import Stop

_MOST_LINES: Final = 2000
_LONGEST: Final = 2000
_MOST_OUTPUT: Final = 32 * 2**20
_PATIENCE: Final = 5.0
_TERMINAL: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended: its status (None: it was ended by us), and the last lines it wrote."""

    status: int | None
    lines: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether it ended with 0."""
        return self.status == 0


class Compose:
    """`docker compose` for one file and project."""

    def __init__(self, folder: Path, environment: Mapping[str, str], arguments: tuple[str, ...] = ()) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._arguments = arguments

    def read(self, *arguments: str, seconds: float = 60) -> tuple[int, bytes, str]:
        """Run a command that answers at once; return its status, output and messages.

        Raises:
            EngineUnavailableError: Docker or its Compose plugin is not installed, or does not answer.
        """
        try:
            asked = subprocess.run(
                self._command(arguments),
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                check=False,
            )
        except FileNotFoundError:
            raise EngineUnavailableError(
                "The docker command is not installed.", hint="install Docker Engine with the Compose plugin"
            ) from None
        except subprocess.TimeoutExpired:
            raise EngineUnavailableError(
                f"docker compose {arguments[0]} did not answer within {seconds:.0f} s.", hint="is the engine stuck?"
            ) from None
        if len(asked.stdout) > _MOST_OUTPUT:
            return 1, b"", "the resolved compose file is larger than 32 MB"
        return asked.returncode, asked.stdout, _TERMINAL.sub("", asked.stderr.decode("utf-8", "replace"))

    def start(self, *arguments: str, heard: Callable[[str], None] | None = None) -> Running:
        """Start a command; `heard` gets each line, on a thread of its own."""
        return spawn(self._command(arguments), self._environment, self._folder, heard)

    def run(self, *arguments: str, stop: Stop, heard: Callable[[str], None] | None = None) -> Ran:
        """Run a command to its end, or until `stop`."""
        running = self.start(*arguments, heard=heard)
        while not running.wait(stop.nap()):
            if stop:
                return running.end()
        return running.ran()

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return ["docker", "compose", *self._arguments, *arguments]


def spawn(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path | None = None,
    heard: Callable[[str], None] | None = None,
) -> Running:
    """Start a command in a session of its own: a Ctrl-C in the terminal is ours to handle, in order."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    return Running(process, heard)


class Running:
    """A started command; its output is read by a thread, so it never blocks on a full pipe."""

    def __init__(self, process: subprocess.Popen[bytes], heard: Callable[[str], None] | None) -> None:
        self._process = process
        self._heard = heard
        self._lines: deque[str] = deque(maxlen=_MOST_LINES)
        self._ended = threading.Event()
        self._by_us = False
        self._reader = threading.Thread(target=self._read, name="compose-output", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        stream = self._process.stdout
        if stream is not None:
            with stream:
                # A line without end is cut in pieces, not collected.
                while raw := stream.readline(_LONGEST * 8):
                    line = _TERMINAL.sub("", raw.decode("utf-8", "replace")).rstrip()[:_LONGEST]
                    self._lines.append(line)
                    if self._heard is not None:
                        self._heard(line)
        self._process.wait()
        self._ended.set()

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds`; return whether it has ended."""
        return self._ended.wait(seconds)

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._ended.is_set()

    def ran(self) -> Ran:
        """Return how it ended, or stands."""
        status = None if self._by_us else self._process.poll()
        return Ran(status=status, lines=tuple(self._lines))

    def end(self) -> Ran:
        """End it: asked first, then killed; with all it started."""
        if not self.ended:
            self._by_us = True
            for number in (signal.SIGTERM, signal.SIGKILL):
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, number)
                if self._ended.wait(_PATIENCE if number is signal.SIGTERM else 1.0):
                    break
        return self.ran()
