"""The App in a process that is killed at chosen places, as often as it takes, and all that is read at the end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.story.conftest import SHOP, plain
from tests.story.emulator.front import Call, Fault
from tests.story.emulator.github import Delivery, GitHub, Repository
from tests.story.kill import kill

_WORKER = Path(__file__).with_name("crash_worker.py")
_ROOT = Path(__file__).parents[2]
_UNFINISHED = ("*.lock", "tmp_*")  # what git leaves that was killed in the middle of a transfer


class Worker:
    """The process that runs the App, life after life."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", _WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        self._modules: list[str] = []
        self.pid = 0

    def live(self, order: dict[str, Any]) -> tuple[int, list[str]]:
        """Run one life; return its exit status, and what became of the deliveries."""
        self._say({**order, "modules": self._modules})
        self._modules = []
        became: list[str] = []
        while True:
            said = self._said()
            if "pid" in said:
                self.pid = said["pid"]
                self._say("begin")
            became = said.get("became", became)
            self._modules = said.get("modules", self._modules)
            if "status" in said:
                self.pid = 0
                return said["status"], became

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            pipe.close()
        self._process.wait(timeout=30)

    def _say(self, what: object) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{json.dumps(what)}\n")
        self._process.stdin.flush()

    def _said(self) -> dict[str, Any]:
        assert self._process.stdout
        said: dict[str, Any] = json.loads(self._process.stdout.readline())
        return said


@dataclass
class Told:
    """What came of deliveries: how the jobs ended, every place that was passed, and how many lives that took."""

    ended: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    lives: int = 0


@dataclass(kw_only=True)
class Story:
    """What happens in a repository of its own, through as many lives as it takes.

    Attributes:
        alone: The server is killed and what it started lives on; else both are, as when the machine goes.
    """

    github: GitHub
    worker: Worker
    repository: Repository
    data: Path
    key: Path
    alone: bool = False
    database: str = ""
    model: str = ""
    _told: int = 0
    _fetches: int = 0
    _die: frozenset[str] = frozenset()
    _passed: list[str] = field(default_factory=list)

    def tell(self, *deliveries: Delivery, die: frozenset[str] = frozenset()) -> Told:
        """Deliver, and start the server again until a life lives to the end."""
        self._told += 1
        places = self.data / f"places-{self._told}"
        order = {
            "url": self.github.url,
            "key": str(self.key),
            "data": str(self.data),
            "database": self.database,
            "model": self.model,
            "places": str(places),
            "answered": str(self.data / f"answered-{self._told}"),
            "alone": self.alone,
            "die": sorted(die),
            "deliveries": [{"headers": one.headers, "body": one.body.decode()} for one in deliveries],
        }
        told = Told()
        self._die, self._passed, self._fetches = die, [], 0
        with self._watched():
            while True:
                told.lives += 1
                status, told.ended = self.worker.live(order)
                if status != -signal.SIGKILL:
                    assert status == 0
                    break
        told.places = [*places.read_text().splitlines(), *self._passed]
        missed = sorted(die - {*told.places})
        assert not missed, f"{told.ended}, never reached: {missed}; said: {self.said()}"
        return told

    def said(self) -> list[str]:
        """The App's comments in the repository."""
        numbers = [one["number"] for one in self.repository.api("GET", "issues?state=all&per_page=100")]
        return [body for number in numbers for body in self.repository.comments(number)]

    def pass_(self, place: str) -> bool:
        """Pass a place outside of the server, and kill the server where it is to die there; return whether."""
        if place in self._passed or not self.worker.pid:
            return False
        self._passed.append(place)
        if place in self._die:
            kill(self.worker.pid, alone=self.alone)
        return place in self._die

    @contextmanager
    def _watched(self) -> Iterator[None]:
        front = self.github.front

        def calls(call: Call) -> None:
            if call.method == "FETCH":
                self._fetches += 1
            if not _reads(call) and self.pass_(f"before {self._named(call)}"):
                # The process died before its request was read: what the request asks for does not happen.
                front.faults.append(Fault(call.method, re.compile(re.escape(call.path)), 502, {}, times=1))

        def half(call: Call) -> None:
            place = f"inside {self._named(call)}"
            if place in self._die and place not in self._passed:
                _until(self._git_works)
            self.pass_(place)

        def answered(call: Call) -> None:
            if not _reads(call):
                self.pass_(f"after {self._named(call)}")

        front.on_call, front.on_half, front.on_done = calls, half, answered
        try:
            yield
        finally:
            front.on_call = front.on_half = front.on_done = lambda _call: None

    def _git_works(self) -> bool:
        return any(any((self.data / "clones").rglob(name)) for name in _UNFINISHED)

    def _named(self, call: Call) -> str:
        """A call by what it does, the same in every repository."""
        if call.method == "FETCH":
            return f"FETCH {self._fetches}"
        path = re.sub(r"/repos/[^/]+/[^/]+", "", call.path)
        path = re.sub(r"\b[0-9a-f]{40}\b", "<commit>", re.sub(r"\b\d+\b", "<n>", path))
        body = call.body if isinstance(call.body, dict) else {}
        text = str(body.get("body") or body.get("query") or "")
        steps = [line for line in text.splitlines() if line.startswith("- [ ]")]
        lines = steps or [line for line in text.splitlines() if line and not line.startswith("<!--")]
        words = re.sub(r"\b[0-9a-f]{7,40}\b|\d+", "<n>", lines[0] if lines else str(body.get("status", "")))
        return " ".join(word for word in (call.method, path, words) if word)

    def lines(self, name: str) -> list[str]:
        return (self.data / name).read_text().splitlines()

    def read(self, number: int) -> dict[str, Any]:
        """All that is there for people at the end."""
        (pull,) = self.repository.pulls()
        return {
            "branches": [*self.repository.branches()],
            "commits": self.repository.log(pull["head"]["ref"]),
            "files": self.repository.files(pull["head"]["ref"]),
            "pull": [pull["title"], pull["draft"], self._plain(pull["body"])],
            "issue": [self._plain(text) for text in self.repository.comments(number)],
            "report": [self._plain(text) for text in self.repository.comments(pull["number"])],
            "threads": [self._plain(one["body"]) for one in self.repository.remarks(pull["number"])],
            "checks": [
                [check["conclusion"], self._plain(json.dumps(check["output"], sort_keys=True))]
                for commit in self.repository.commits(pull["head"]["ref"])
                for check in self.repository.checks(commit)
            ],
            "reactions": [what for path, what in self.github.front.reactions if f"/{self.repository.name}/" in path],
        }

    def _plain(self, text: str) -> str:
        # How long an attempt took is not known where it began in an earlier life: it is left out there.
        return re.sub(r"\b\d+(\.\d+)? ?s\b", "<seconds>", plain(self.github, text)).replace("| <seconds> |", "| |")


def begun(
    github: GitHub, worker: Worker, key: Path, folder: Path, name: str, *, files: dict[str, str] = SHOP, **more: Any
) -> Story:
    """A repository with documents, and nothing delivered yet."""
    data = folder / "data"
    data.mkdir(parents=True)
    repository = github.repository(name, files)
    return Story(github=github, worker=worker, repository=repository, data=data, key=key, **more)


def _until(there: Callable[[], bool]) -> None:
    until = time.monotonic() + 5
    while not there() and time.monotonic() < until:
        time.sleep(0.002)


def _reads(call: Call) -> bool:
    """Whether a request changes nothing, and is no transfer."""
    if call.path == "/graphql":
        return not call.body["query"].lstrip().startswith("mutation")
    return call.method == "GET" or call.path.endswith("/access_tokens")
