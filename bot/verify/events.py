"""One subscription to Docker events for the whole run, opened before anything is started."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any

from bot.verify.happening import PROJECT_LABEL, WATCHED, ContainerEvent, read_event

if TYPE_CHECKING:
    from docker import APIClient


class EngineLost:
    """The stream of events ended, though nobody closed it."""


class EventStream:
    """Puts each event of a project into a queue, as it comes; `EngineLost` once, when the stream breaks."""

    def __init__(self, client: APIClient, project: str) -> None:
        self.queue: queue.SimpleQueue[ContainerEvent | EngineLost] = queue.SimpleQueue()
        self._closed = False
        # The call returns when the engine has answered: from here on no event is missed.
        self._stream: Any = client.events(
            decode=True, filters={"type": "container", "label": f"{PROJECT_LABEL}={project}", "event": list(WATCHED)}
        )
        self._thread = threading.Thread(target=self._read, name="docker-events", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        from docker.errors import DockerException
        from requests.exceptions import RequestException
        from urllib3.exceptions import HTTPError

        try:
            for raw in self._stream:
                event = read_event(raw)
                if event is not None:
                    self.queue.put(event)
        except (OSError, ValueError, AttributeError, HTTPError, RequestException, DockerException):
            pass  # closed under us, or broken: told below, where it was not us
        if not self._closed:
            self.queue.put(EngineLost())

    def close(self) -> None:
        """End the subscription."""
        from docker.errors import DockerException

        self._closed = True
        try:
            self._stream.close()
        except (DockerException, OSError, AttributeError):
            return  # already gone
