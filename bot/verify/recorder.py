"""What has been seen of each container so far; becomes the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from bot.model.measured import HealthCheck, HealthStatus, Moment, Probe, ServiceRecord, Usage
from bot.model.redact import Redactor
from bot.verify.happening import ContainerEvent
from bot.verify.plan import command_words

T = TypeVar("T")
_OUTPUT: Final = 600
_STATUSES: Final[Mapping[str, HealthStatus]] = {
    "starting": "starting",
    "healthy": "healthy",
    "unhealthy": "unhealthy",
}


class Ends(Generic[T]):
    """The first and the last of many: a crash loop of a day must not fill the memory."""

    def __init__(self, first: int, last: int) -> None:
        self._limits = (first, last)
        self._first: list[T] = []
        self._last: list[T] = []
        self.count = 0

    def add(self, item: T) -> None:
        """Keep `item`, and forget one from the middle where there are too many."""
        self.count += 1
        if len(self._first) < self._limits[0]:
            self._first.append(item)
            return
        self._last.append(item)
        del self._last[: -self._limits[1]]

    def kept(self) -> tuple[T, ...]:
        """Return what is kept, in order."""
        return (*self._first, *self._last)


@dataclass(slots=True)
class _Seen:
    record: ServiceRecord
    container: str = ""
    moments: Ends[Moment] = field(default_factory=lambda: Ends(40, 60))
    probes: Ends[Probe] = field(default_factory=lambda: Ends(6, 12))
    last_probe: str = ""
    unread: int = 0
    exit_inferred: bool = False


class Recorder:
    """Takes events and inspections, gives records. Not thread-safe: it belongs to the thread that watches."""

    def __init__(self, services: Iterable[ServiceRecord], began: float, redact: Redactor) -> None:
        self._seen = {service.name: _Seen(record=service) for service in services}
        self._began = began
        self._redact = redact

    def event(self, event: ContainerEvent) -> Moment | None:
        """Take an event; return the moment it was, None for a probe or for a service that was not planned."""
        seen = self._seen.get(event.service)
        if seen is None:
            return None
        seen.container = event.container
        if event.kind == "probed":
            seen.unread += 1
            return None
        moment = Moment(at=round(event.when - self._began, 4), kind=event.kind, exit_code=event.exit_code)
        record = seen.record
        if event.kind == "exited" and seen.exit_inferred:
            seen.exit_inferred = False  # an inspection knew before the event came
            seen.record = replace(record, running=False, exit_code=event.exit_code)
            return moment
        seen.moments.add(moment)
        match event.kind:
            case "started":
                starting: HealthStatus = "starting" if record.check else ""
                record = replace(record, running=True, exit_code=None, status=starting)
            case "exited":
                record = replace(record, running=False, exit_code=event.exit_code)
            case "healthy":
                record = replace(record, status="healthy")
            case "unhealthy":
                record = replace(record, status="unhealthy")
            case "oom":
                record = replace(record, oom_killed=True)
            case _:
                pass
        if event.kind == "started":
            starts = sum(1 for kept in seen.moments.kept() if kept.kind == "started")
            record = replace(record, restarts=max(record.restarts, starts - 1))
        seen.record = record
        return moment

    def refused(self, service: str, words: str) -> None:
        """Take the engine's words on why it made no container for the service: none can be inspected."""
        seen = self._seen.get(service)
        if seen is not None and not seen.moments.count:
            seen.record = replace(seen.record, start_error=self._redact(words)[:_OUTPUT])

    def wants_inspection(self, service: str) -> bool:
        """Whether enough probes ran since the last look: the engine keeps the last five."""
        seen = self._seen.get(service)
        return seen is not None and (seen.unread >= 4 or (seen.unread >= 1 and seen.probes.count == 0))

    def inspected(self, service: str, inspection: Mapping[str, Any]) -> None:
        """Take what `inspect` says of the service's container."""
        seen = self._seen.get(service)
        if seen is None:
            return
        seen.unread = 0
        state = inspection.get("State") or {}
        health = state.get("Health") or {}
        limits = inspection.get("HostConfig") or {}
        record = seen.record
        check = _check_in_force(record, (inspection.get("Config") or {}).get("Healthcheck"))
        status = _STATUSES.get(str(health.get("Status")), "") if check else ""
        usage = replace(
            record.usage,
            memory_limit=int(limits.get("Memory") or 0),
            cpu_limit=int(limits.get("NanoCpus") or 0) / 1e9,
        )
        self._infer_exit(seen, state)
        # Events say when it runs: an inspection may already see the next start, and would hide the end before it.
        last = _last_turn(seen)
        running = last is not None and last.kind == "started"
        seen.record = replace(
            record,
            check=check,
            status=status,
            running=running,
            exit_code=last.exit_code if last is not None and not running else None,
            restarts=max(record.restarts, int(inspection.get("RestartCount") or 0)),
            oom_killed=record.oom_killed or bool(state.get("OOMKilled")),
            start_error=self._redact(str(state.get("Error") or ""))[:_OUTPUT] or record.start_error,
            usage=usage,
        )
        for entry in health.get("Log") or ():
            self._probe(seen, entry)

    def _infer_exit(self, seen: _Seen, state: Mapping[str, Any]) -> None:
        """Note the end of a container that ended already, though the event that says so has not come yet."""
        last = _last_turn(seen)
        if last is None or last.kind == "exited" or state.get("Status") != "exited":
            return
        at = round(epoch(str(state.get("FinishedAt"))) - self._began, 4)
        if at >= last.at:
            seen.moments.add(Moment(at=at, kind="exited", exit_code=int(state.get("ExitCode") or 0)))
            seen.exit_inferred = True

    def _probe(self, seen: _Seen, entry: Mapping[str, Any]) -> None:
        begun, ended = str(entry.get("Start", "")), str(entry.get("End", ""))
        if begun <= seen.last_probe:
            return
        seen.last_probe = begun
        at, until = epoch(begun), epoch(ended)
        seen.probes.add(
            Probe(
                at=round(at - self._began, 3),
                seconds=round(max(0.0, until - at), 3),
                exit_code=int(entry.get("ExitCode") or 0),
                output=self._redact(str(entry.get("Output") or ""))[-_OUTPUT:].strip(),
            )
        )

    def container(self, service: str) -> str:
        """Return the id of the service's container, "" where none was created."""
        seen = self._seen.get(service)
        return seen.container if seen else ""

    def used(self, service: str, usage: Usage) -> None:
        """Take the peaks of a service."""
        seen = self._seen[service]
        limits = seen.record.usage
        seen.record = replace(
            seen.record, usage=replace(usage, memory_limit=limits.memory_limit, cpu_limit=limits.cpu_limit)
        )

    def services(self) -> tuple[ServiceRecord, ...]:
        """Return what has been seen, in file order."""
        return tuple(
            replace(seen.record, moments=seen.moments.kept(), probes=seen.probes.kept(), probe_count=seen.probes.count)
            for seen in self._seen.values()
        )


def _last_turn(seen: _Seen) -> Moment | None:
    """Return its last start or end."""
    return next((m for m in reversed(seen.moments.kept()) if m.kind in {"started", "exited"}), None)


def _check_in_force(record: ServiceRecord, healthcheck: Mapping[str, Any] | None) -> HealthCheck | None:
    """Return the check that the engine runs: the image's where the compose file has none."""
    test = list((healthcheck or {}).get("Test") or ())
    if healthcheck is None or not test or test[0] == "NONE":
        return None
    written = record.check
    return HealthCheck(
        command=command_words(test),
        defined_in=written.defined_in if written else "image",
        place=written.place if written else None,
        interval=_seconds(healthcheck.get("Interval"), 30.0),
        timeout=_seconds(healthcheck.get("Timeout"), 30.0),
        retries=int(healthcheck.get("Retries") or 3),
        start_period=_seconds(healthcheck.get("StartPeriod"), 0.0),
    )


def _seconds(nanoseconds: object, default: float) -> float:
    return int(nanoseconds) / 1e9 if isinstance(nanoseconds, int) and nanoseconds else default


def epoch(stamp: str) -> float:
    """Return the seconds since the epoch of the engine's time stamp (nanoseconds, `Z` or an offset)."""
    head, dot, tail = stamp.partition(".")
    if not dot:
        return datetime.fromisoformat(stamp).timestamp() if stamp else 0.0
    digits = len(tail) - len(tail.lstrip("0123456789"))
    whole = datetime.fromisoformat(head + (tail[digits:] or "Z"))
    return whole.timestamp() + float(f"0.{tail[:digits] or '0'}")
