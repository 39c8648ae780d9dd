"""Peaks of memory and CPU, from the engine's own streams: one per running container."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from bot.model.measured import Usage

if TYPE_CHECKING:
    from docker import APIClient

_MOST: Final = 60


class Stats:
    """Listens to each container that starts until it ends, or until `close`."""

    def __init__(self, client: APIClient) -> None:
        self._client = client
        self._peaks: dict[str, Usage] = {}
        self._heard: set[str] = set()
        self._lock = threading.Lock()
        self._closed = False

    def listen(self, service: str, container: str) -> None:
        """Begin to listen to a container; a second start of the same one is heard by a new stream."""
        with self._lock:
            if self._closed or container in self._heard or len(self._heard) >= _MOST:
                return
            self._heard.add(container)
        threading.Thread(target=self._read, args=(service, container), name=f"stats-{service}", daemon=True).start()

    def peaks(self) -> Mapping[str, Usage]:
        """Return the peaks so far."""
        with self._lock:
            return dict(self._peaks)

    def close(self) -> None:
        """Stop listening: each thread ends with its next reading, or with its container."""
        with self._lock:
            self._closed = True

    def _read(self, service: str, container: str) -> None:
        from docker.errors import DockerException
        from requests.exceptions import RequestException
        from urllib3.exceptions import HTTPError

        try:
            for reading in self._client.stats(container, stream=True, decode=True):
                usage = reading_usage(reading)
                with self._lock:
                    known = self._peaks.get(service, Usage())
                    self._peaks[service] = Usage(
                        memory_peak=max(known.memory_peak, usage.memory_peak),
                        cpu_peak=max(known.cpu_peak, usage.cpu_peak),
                    )
                    if self._closed:
                        return
        except (OSError, ValueError, AttributeError, HTTPError, RequestException, DockerException):
            return  # the container or the engine went: what was read counts
        finally:
            with self._lock:
                self._heard.discard(container)


def reading_usage(reading: Mapping[str, Any]) -> Usage:
    """Return memory (without page cache that can go) and CPU (in cores) of one reading."""
    memory = reading.get("memory_stats") or {}
    details = memory.get("stats") or {}
    cache = int(details.get("total_inactive_file", details.get("inactive_file", 0)) or 0)
    used = max(0, int(memory.get("usage") or 0) - cache)
    now, before = reading.get("cpu_stats") or {}, reading.get("precpu_stats") or {}
    cpu = _total(now) - _total(before)
    system = int(now.get("system_cpu_usage") or 0) - int(before.get("system_cpu_usage") or 0)
    cores = int(now.get("online_cpus") or 1)
    usable = before.get("system_cpu_usage") and system > 0 and cpu > 0
    return Usage(memory_peak=used, cpu_peak=round(cpu / system * cores, 3) if usable else 0.0)


def _total(cpu: Mapping[str, Any]) -> int:
    return int((cpu.get("cpu_usage") or {}).get("total_usage") or 0)
