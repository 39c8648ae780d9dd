"""What a verification measured: facts without judgement, from which the judgement can be drawn again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bot.model.finding import Finding
from bot.model.stack import Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A position in a file of the tree, 1-based; `line` 0 where only the file is known."""

    path: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """The check in force: command in one line, where it is defined, and its times in seconds."""

    command: str
    defined_in: Literal["compose", "image"]
    place: Place | None = None
    interval: float = 30.0
    timeout: float = 30.0
    retries: int = 3
    start_period: float = 0.0

    @property
    def worst_case(self) -> float:
        """Seconds until the engine calls a container unhealthy at the latest."""
        return self.start_period + self.retries * (self.interval + self.timeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One run of a health check: `at` and `seconds` in seconds, `at` since start-up began; output bounded."""

    at: float
    seconds: float
    exit_code: int
    output: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Peaks while it ran: memory in bytes, CPU in cores; limits likewise, 0 where there is none."""

    memory_peak: int = 0
    memory_limit: int = 0
    cpu_peak: float = 0.0
    cpu_limit: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The outside view of a published port.

    Attributes:
        service: Whose port.
        published: The port the compose file names (the one actually used was moved to a free loopback port).
        target: The container's port.
        protocol: How it was asked.
        path: The HTTP path asked first, "" for TCP.
        ok: It answered (HTTP: below 500, no redirect loop).
        status: HTTP status of the last hop, 0 for TCP or no answer.
        seconds: Latency of the whole chain.
        hops: Paths or URLs followed.
        error: Why not, in words.
    """

    service: str
    published: int
    target: int
    protocol: Literal["http", "tcp"]
    path: str = ""
    ok: bool = False
    status: int = 0
    seconds: float = 0.0
    hops: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One image that was built: seconds, size in bytes, and the failing step's lines where it failed.

    `bases`: the images it stands on; an image that several services share is told with the first of them.
    """

    service: str
    ok: bool = True
    seconds: float = 0.0
    size: int = 0
    failed_step: str = ""
    place: Place | None = None
    lines: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The Docker engine that ran it."""

    version: str
    api: str
    compose: str = ""
    architecture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """An image that stood in for an official one: both as people name them."""

    image: str
    actual: str


MomentKind = Literal["created", "started", "healthy", "unhealthy", "exited", "oom", "killed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A change of a service's container, as the engine reported it; `at` in seconds since start-up began."""

    at: float
    kind: MomentKind
    exit_code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """`depends_on`: another service and what is waited for; `required` as in the compose file."""

    service: str
    condition: Wait = "service_started"
    required: bool = True


HealthStatus = Literal["", "starting", "healthy", "unhealthy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRecord:
    """One service: what was planned, and what was seen.

    Attributes:
        image: As the compose file names it; "" for an own build without a name.
        built: It is built from the tree.
        one_shot: It is meant to end.
        check: The check in force; None where there is none.
        check_off: A check is switched off on purpose (`disable: true`, `NONE`).
        restart: The restart policy, `no`, `always`, `unless-stopped` or `on-failure`.
        moments: In order; bounded, the first and the last kept.
        probes: In order; bounded, the first and the last kept. `probe_count` counts all.
        status: The health status at the end.
        start_error: The engine's words where it could not start the container.
        image_error: Why its image could not be had; it was then left out of the start.
        listening: Addresses its processes listened on, such as `0.0.0.0:8000` or `[::]:80`; read where it failed.
        log: Last lines of its log, redacted and bounded.
    """

    name: str
    image: str = ""
    built: bool = False
    one_shot: bool = False
    check: HealthCheck | None = None
    check_off: bool = False
    restart: str = "no"
    needs: tuple[Dependency, ...] = ()
    listens: tuple[int, ...] = ()
    place: Place | None = None
    moments: tuple[Moment, ...] = ()
    probes: tuple[Probe, ...] = ()
    probe_count: int = 0
    running: bool = False
    status: HealthStatus = ""
    exit_code: int | None = None
    restarts: int = 0
    oom_killed: bool = False
    start_error: str = ""
    image_error: str = ""
    listening: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    log_errors: tuple[str, ...] = ()
    root_owned: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the engine said of all services at one instant of the window: `name=state` words, sorted."""

    at: float
    states: tuple[str, ...]


Ended = Literal[
    "settled",
    "timeout",
    "interrupted",
    "engine-lost",
    "no-engine",
    "refused",
    "invalid",
    "build-failed",
    "start-failed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All that one verification recorded, before anybody judged it.

    Attributes:
        ended: Why the watch ended.
        words: What the engine or Compose said where it ended early, redacted and bounded.
        services: In file order.
        window_began: When everything was up, None where that never happened.
        samples: Taken during the window.
        notes: What was not measured, or was changed for the verification, one sentence each.
        remarks: What would be better and was seen while preparing, one sentence each.
        hastened: Services whose checks were asked more often while they started than their file says.
    """

    ended: Ended
    words: tuple[str, ...] = ()
    commit: str = ""
    dirty: bool = False
    path: str = ""
    project: str = ""
    services: tuple[ServiceRecord, ...] = ()
    builds: tuple[Build, ...] = ()
    answers: tuple[Answer, ...] = ()
    findings: tuple[Finding, ...] = ()
    window_began: float | None = None
    samples: tuple[Sample, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    hastened: tuple[str, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()
    engine: Engine | None = None
    seconds: dict[str, float] | None = None
    window: float = 0.0
    timeout: float = 0.0
    left_behind: tuple[str, ...] = ()
    started: str = ""
