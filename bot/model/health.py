"""The HealthReport: facts a verification recorded, and the judgement drawn from them, bound to a commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from bot.model.finding import Finding
from bot.model.measured import Answer, Build, Engine, HealthCheck, Place, Probe, Record, StandIn, Usage

__all__ = [
    "Answer",
    "Build",
    "Cause",
    "CauseCode",
    "Engine",
    "HealthCheck",
    "HealthReport",
    "Outcome",
    "Place",
    "Probe",
    "ServiceHealth",
    "StandIn",
    "Usage",
    "Verdict",
]


class Outcome(StrEnum):
    """How a verification ended; the exit status of `groundwork verify` follows from it."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNVERIFIED = "unverified"  # nothing is known to be wrong, but something could not be measured
    BUILD_FAILED = "build-failed"
    INVALID = "invalid"
    REFUSED = "refused"  # the stack could leave its box
    TIMEOUT = "timeout"
    NO_ENGINE = "no-engine"
    INTERRUPTED = "interrupted"


class Verdict(StrEnum):
    """The word for one service, or for all of them."""

    HEALTHY = "healthy"
    DONE = "done"  # a one-shot that ended with 0
    UNHEALTHY = "unhealthy"
    BLOCKED = "blocked"  # never started, or failed, because of another service
    UNVERIFIED = "unverified"


CauseCode = Literal[
    "ipv6-localhost",
    "program-missing",
    "http-status",
    "wrong-port",
    "connection-refused",
    "missing-variable",
    "permission-denied",
    "missing-directory",
    "oom",
    "image-unavailable",
    "port-taken",
    "disk-full",
    "architecture",
    "start-period-short",
    "slow-probe",
    "crash-loop",
    "exited",
    "restarted",
    "one-shot-failed",
    "build-step",
    "no-check",
    "port-silent",
    "engine-lost",
    "never-healthy",
    "unknown",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why something is not healthy, as far as the evidence supports it.

    Attributes:
        code: The kind.
        title: One clause for the headline: "its check looks at IPv6".
        explanation: Two or three sentences for the body.
        evidence: Lines that were seen, redacted and bounded.
        place: Where a person would edit.
        next_step: What to do, one sentence.
    """

    code: CauseCode
    title: str
    explanation: str = ""
    evidence: tuple[str, ...] = ()
    place: Place | None = None
    next_step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceHealth:
    """What was recorded of one service, and its verdict. Times are seconds since start-up began; None: never.

    Attributes:
        log: Last lines of its log, redacted and bounded.
        log_errors: Lines of its log that report errors, bounded.
        root_owned: Files it left in bind mounts that belong to root.
        suggested_start_period: Seconds; None where there is nothing to suggest.
    """

    name: str
    verdict: Verdict
    one_shot: bool = False
    image: str = ""
    check: HealthCheck | None = None
    created_at: float | None = None
    started_at: float | None = None
    first_probe_at: float | None = None
    healthy_at: float | None = None
    finished_at: float | None = None
    restarts: int = 0
    exit_code: int | None = None
    oom_killed: bool = False
    running: bool = False
    probes: tuple[Probe, ...] = ()
    needs: tuple[str, ...] = ()
    blocked_by: str = ""
    cause: Cause | None = None
    log: tuple[str, ...] = ()
    log_errors: tuple[str, ...] = ()
    root_owned: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    suggested_start_period: float | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """The verdict of one verification, bound to a commit.

    Attributes:
        version: Of this form; a reader refuses another major one.
        outcome: How it ended.
        commit: 40 hex digits, or "" where the tree was no git checkout; `dirty` where it held more than the commit.
        path: The compose file, relative to the tree.
        cause: The root cause in all, None when healthy.
        root_cause: The service that broke first, "" where none.
        services: In file order.
        findings: What made it refused.
        observed: What the runtime rules (RT01 to RT07) found in what was measured.
        unverified: What was not measured, and why, one sentence each.
        suggestions: What would be better, one sentence each, with `path:line` where known.
        seconds: Durations of phases: `plan`, `build`, `start`, `window`, `probe`, `cache`, `teardown`.
        window: Seconds the stack was watched after it was up; `samples` how many equal samples were taken.
        timeout: Seconds in force.
        hastened: Services whose checks were asked more often while they started than their file says.
        left_behind: What teardown could not remove; empty is the promise.
        started: ISO 8601 UTC, whole seconds.
        record: The facts the judgement was drawn from; judging them again gives this report.
    """

    outcome: Outcome
    version: int = 1
    commit: str = ""
    dirty: bool = False
    path: str = ""
    project: str = ""
    cause: Cause | None = None
    root_cause: str = ""
    services: tuple[ServiceHealth, ...] = ()
    builds: tuple[Build, ...] = ()
    answers: tuple[Answer, ...] = ()
    findings: tuple[Finding, ...] = ()
    observed: tuple[Finding, ...] = ()
    unverified: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()
    engine: Engine | None = None
    seconds: dict[str, float] | None = None
    window: float = 0.0
    samples: int = 0
    timeout: float = 0.0
    hastened: tuple[str, ...] = ()
    left_behind: tuple[str, ...] = ()
    started: str = ""
    record: Record | None = None
