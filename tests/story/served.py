"""`groundwork serve` as a process of its own, as a person starts it, and its log."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.story.emulator.github import Delivery


class Served:
    """One process: what it logs is read as it comes."""

    def __init__(self, folder: Path, env_file: Path, *words: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GROUNDWORK_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve", "--env-file", str(env_file), "--log", "json", *words],
            cwd=folder,
            env={**clean, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log: list[dict[str, Any]] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def until(self, words: str, *, within: float = 60.0) -> str:
        """The next message of the log with `words`."""
        while True:
            line = self._lines.get(timeout=within)
            assert line is not None, f"the server ended with {self.process.wait()}: {self.errors()}"
            self.log.append(json.loads(line))
            if words in self.log[-1]["message"]:
                return str(self.log[-1]["message"])

    @property
    def url(self) -> str:
        return self.until("listens on").partition("listens on ")[2].split()[0]

    def errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def ended(self, number: signal.Signals | None = None, *, within: float = 30.0) -> int:
        """End it with a signal, or wait until it does by itself; return its exit status."""
        if number is not None:
            self.process.send_signal(number)
        status = self.process.wait(within)
        self._reader.join(timeout=10)
        while (line := self._lines.get()) is not None:
            self.log.append(json.loads(line))
        return status

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(timeout=10)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


@contextmanager
def started(folder: Path, env_file: Path, *words: str) -> Iterator[Served]:
    """Start the server; it is gone at the end, whatever happens."""
    served = Served(folder, env_file, *words)
    try:
        yield served
    finally:
        served.close()


def deliver(url: str, delivery: Delivery) -> httpx.Response:
    """Deliver over a real connection."""
    with httpx.Client(base_url=url, trust_env=False, timeout=20) as client:
        return client.post("/webhooks/github", content=delivery.body, headers=delivery.headers)
