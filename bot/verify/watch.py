"""The watch: from the start of the stack until nothing more is to be expected, then the stability window."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.model.measured import Ended, Sample, ServiceRecord
from bot.verify.compose import Running
from bot.verify.events import EngineLost, EventStream
from bot.verify.happening import PROJECT_LABEL, SERVICE_LABEL, ContainerEvent
from bot.verify.progress import ContainerHappening, Progress
from bot.verify.recorder import Recorder
from bot.verify.standing import Standings, standings
from bot.verify.stop import Stop

if TYPE_CHECKING:
    from docker import APIClient

SAMPLES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How the watch ended, when the window began (None: never), and what was sampled in it."""

    ended: Ended
    window_began: float | None
    samples: tuple[Sample, ...]


class Watch:
    """Follows one start of a stack. Times are seconds since `began`, the engine's and ours being one clock."""

    def __init__(
        self,
        *,
        client: APIClient,
        project: str,
        stream: EventStream,
        recorder: Recorder,
        began: float,
        window: float,
        progress: Progress,
        certain: Callable[[ServiceRecord], bool],
        started: Callable[[str, str], None],
        steady: Callable[[], None],
    ) -> None:
        self._client = client
        self._project = project
        self._stream = stream
        self._recorder = recorder
        self._began = began
        self._window = window
        self._progress = progress
        self._certain = certain
        self._started = started  # a container started: whoever counts memory wants to know
        self._steady = steady  # the window began: whoever asks ports from outside may begin
        self._window_began: float | None = None
        self._samples: list[Sample] = []
        self._up_ended = False

    def follow(self, up: Running, stop: Stop) -> Seen:
        """Watch until all is settled and the window is over, or until `stop`, or until the engine is lost."""
        while True:
            if not self._up_ended and up.ended:
                self._drain()
                self._inspect_all()
                self._up_ended = True
            now = self._now()
            stand = self._standings(now)
            due = self._due(stand, now)
            if due is None:
                return self._seen("settled")
            if stop:
                return self._seen("interrupted" if stop.cancelled else "timeout")
            try:
                item = self._stream.queue.get(timeout=min(stop.nap(), max(0.0, due - self._now())))
            except queue.Empty:
                continue
            if isinstance(item, EngineLost):
                return self._seen("engine-lost")
            self._take(item)
            if item.kind == "killed":
                # We stop nothing while we watch: the engine goes down, or somebody interferes. What follows would
                # be told of the stack, and is not its doing.
                return self._seen("engine-lost")

    def _due(self, stand: Standings, now: float) -> float | None:
        """Return when to look again at the latest; None when the watch is over."""
        if not stand.settled:
            self._window_began = None
            self._samples.clear()
            return stand.look_again_at if stand.look_again_at is not None else now + 60
        if stand.failed or "up" not in stand.of.values():
            return None
        if self._window_began is None:
            self._window_began = now
            self._steady()
        end = self._window_began + self._window
        step = self._window / SAMPLES
        taken = len(self._samples)
        if now >= self._window_began + taken * step:
            self._samples.append(self._sample(now))
            taken += 1
        if now >= end and taken > SAMPLES:
            return None
        return min(end, self._window_began + taken * step)

    def _take(self, event: ContainerEvent) -> None:
        moment = self._recorder.event(event)
        if moment is None:
            if self._recorder.wants_inspection(event.service):
                self._inspect(event.service)
            return
        if event.kind in {"started", "exited"}:
            self._window_began = None  # whatever was steady until now begins anew
            self._samples.clear()
        if event.kind == "started":
            self._started(event.service, event.container)
        if event.kind in {"created", "healthy", "unhealthy", "exited"}:
            self._inspect(event.service)
        self._progress.happened(
            ContainerHappening(service=event.service, change=moment.kind, at=moment.at, exit_code=moment.exit_code)
        )

    def _drain(self) -> None:
        """Take what has come already: Compose ends a moment before its last events are read."""
        while True:
            try:
                item = self._stream.queue.get(timeout=0.02)
            except queue.Empty:
                return
            if isinstance(item, EngineLost):
                self._stream.queue.put(item)
                return
            self._take(item)

    def _inspect(self, service: str) -> None:
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        try:
            self._recorder.inspected(service, self._client.inspect_container(self._recorder.container(service)))
        except (DockerException, RequestException):
            return  # gone meanwhile, or the engine is: its events say which

    def _inspect_all(self) -> None:
        for service in self._recorder.services():
            if self._recorder.container(service.name):
                self._inspect(service.name)

    def _sample(self, now: float) -> Sample:
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        try:
            listed = self._client.containers(all=True, filters={"label": f"{PROJECT_LABEL}={self._project}"})
        except (DockerException, RequestException):
            return Sample(at=round(now, 3), states=("engine=silent",))
        states = sorted(f"{one['Labels'].get(SERVICE_LABEL, '?')}={_state(one)}" for one in listed)
        return Sample(at=round(now, 3), states=tuple(states))

    def _standings(self, now: float) -> Standings:
        return standings(
            self._recorder.services(),
            now=now,
            up_ended=self._up_ended,
            window_began=self._window_began,
            certain=self._certain,
        )

    def _seen(self, ended: Ended) -> Seen:
        if ended != "engine-lost":
            self._inspect_all()
        return Seen(ended=ended, window_began=self._window_began, samples=tuple(self._samples))

    def _now(self) -> float:
        return time.time() - self._began


def _state(listed: dict[str, object]) -> str:
    """Return `running/healthy` and the like, without the minutes that the engine's words carry."""
    status = str(listed.get("Status", ""))
    health = next((word for word in ("unhealthy", "healthy", "starting") if f"{word})" in status), "")
    return f"{listed.get('State')}/{health}" if health else str(listed.get("State"))
