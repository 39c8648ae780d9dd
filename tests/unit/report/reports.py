"""Hand-made reports, one for each way in which a verification ends; the figures are those of the examples."""

from __future__ import annotations

from dataclasses import replace

from bot.model.finding import Finding, Severity
from bot.model.health import (
    Answer,
    Build,
    Cause,
    Engine,
    HealthCheck,
    HealthReport,
    Outcome,
    Place,
    Probe,
    ServiceHealth,
    StandIn,
    Usage,
    Verdict,
)

COMPOSE = "src/docker-compose.yml"
COMMIT = "9d3c2aa4be1c09d3c2aa4be1c09d3c2aa4be1c09"
MB = 1024 * 1024
ENGINE = Engine(version="26.1.5", api="1.45", compose="2.26.1", architecture="amd64")


def check(command: str, line: int, *, start_period: float = 10.0) -> HealthCheck:
    return HealthCheck(
        command=command,
        defined_in="compose",
        place=Place(path=COMPOSE, line=line),
        interval=10.0,
        timeout=5.0,
        retries=3,
        start_period=start_period,
    )


def healthy(name: str, at: float, took: float, *, memory: tuple[int, int] = (0, 0), **more: object) -> ServiceHealth:
    service = ServiceHealth(
        name=name,
        verdict=Verdict.HEALTHY,
        image=f"{name}:1",
        check=check(f"{name}-ready", 12),
        created_at=0.1,
        started_at=0.2,
        first_probe_at=max(at - 1.0, 0.3),
        healthy_at=at,
        running=True,
        probes=(Probe(at=max(at - 1.0, 0.3), seconds=took / 2, exit_code=1), Probe(at=at, seconds=took, exit_code=0)),
        usage=Usage(memory_peak=memory[0] * MB, memory_limit=memory[1] * MB),
    )
    return replace(service, **more)  # type: ignore[arg-type]


POSTGRES = healthy("postgres", 2.1, 0.041, memory=(38, 512), image="postgres:16.4")
REDIS = healthy("redis", 1.0, 0.012, memory=(6, 128), image="redis:7.4")
MIGRATE = ServiceHealth(
    name="migrate",
    verdict=Verdict.DONE,
    one_shot=True,
    created_at=0.1,
    started_at=2.1,
    finished_at=3.4,
    exit_code=0,
    needs=("postgres",),
    usage=Usage(memory_peak=71 * MB, memory_limit=256 * MB),
)
BACKEND = healthy(
    "backend", 6.3, 0.018, memory=(92, 512), image="", started_at=3.4, first_probe_at=5.0, needs=("migrate", "redis")
)
NGINX = healthy("nginx", 9.7, 0.004, memory=(5, 64), started_at=6.4, first_probe_at=8.0, needs=("backend",))
SHOP = (POSTGRES, REDIS, MIGRATE, BACKEND, NGINX)

HEALTHY = HealthReport(
    outcome=Outcome.HEALTHY,
    commit=COMMIT,
    path=COMPOSE,
    project="groundwork-9d3c2aa",
    services=SHOP,
    builds=(
        Build(service="backend", seconds=11.2, size=190 * MB),
        Build(service="frontend", seconds=7.5, size=160 * MB),
    ),
    answers=(
        Answer(
            service="backend", published=8000, target=8000, protocol="http", path="/health", ok=True, status=200,
            seconds=0.007,
        ),
        Answer(
            service="nginx", published=8080, target=80, protocol="http", path="/", ok=True, status=200,
            seconds=0.003,
        ),
        Answer(
            service="nginx", published=8080, target=80, protocol="http", path="/api/health", ok=True, status=200,
            seconds=0.009,
        ),
    ),
    unverified=("TLS for `shop.example.org`: no public DNS here",),
    stand_ins=(
        StandIn(image="postgres:16.4", actual="PostgreSQL 17.11"),
        StandIn(image="redis:7.4", actual="Redis 8.0"),
    ),
    suggestions=(
        "`backend` needed 2.9 s; its `start_period: 60s` hides a failure: 15 s would do (`src/docker-compose.yml:31`)",
    ),
    engine=ENGINE,
    seconds={"plan": 0.4, "build": 18.7, "start": 9.7, "window": 15.0, "probe": 0.1, "teardown": 1.2},
    window=15.0,
    samples=5,
    timeout=600.0,
    started="2026-11-23T14:02:00Z",
)  # fmt: skip
REFUSED_V6 = "connect to ::1 port 8000 failed: Connection refused"
SICK_BACKEND = replace(
    BACKEND,
    verdict=Verdict.UNHEALTHY,
    check=check("curl -f http://localhost:8000/health", 22),
    healthy_at=None,
    probes=tuple(
        Probe(at=13.5 + 10 * n, seconds=0.009, exit_code=7, output=f"curl: (7) {REFUSED_V6}") for n in range(3)
    ),
    log=(
        "14:02:11  Watching for file changes with StatReloader",
        "14:02:12  Starting development server at http://0.0.0.0:8000/",
    ),
    cause=Cause(code="ipv6-localhost", title="its check looks at IPv6"),
)
BLOCKED_NGINX = ServiceHealth(
    name="nginx", verdict=Verdict.BLOCKED, blocked_by="backend", created_at=0.1, needs=("backend",)
)
IPV6 = Cause(
    code="ipv6-localhost",
    title="its check looks at IPv6",
    explanation="**`backend`** answers on `0.0.0.0:8000`, but its health check asks `http://localhost:8000/health`,"
    " and in this image `localhost` is `::1` first.".replace("**", ""),
    evidence=(REFUSED_V6,),
    place=Place(path=COMPOSE, line=22),
    next_step="use `127.0.0.1`",
)
UNHEALTHY = replace(
    HEALTHY,
    outcome=Outcome.UNHEALTHY,
    commit="4be1c09" + COMMIT[7:],
    cause=IPV6,
    root_cause="backend",
    services=(POSTGRES, REDIS, MIGRATE, SICK_BACKEND, BLOCKED_NGINX),
    answers=(),
    suggestions=(),
    unverified=(),
    stand_ins=(),
    seconds={"plan": 0.4, "build": 18.7, "start": 44.0, "teardown": 1.2},
    window=0.0,
)

NOTHING_RAN = replace(
    HEALTHY, services=(), builds=(), answers=(), suggestions=(), unverified=(), stand_ins=(), seconds=None, window=0.0
)
BUILD_FAILED = replace(
    NOTHING_RAN,
    outcome=Outcome.BUILD_FAILED,
    builds=(
        Build(service="frontend", seconds=7.5),
        Build(
            service="backend",
            ok=False,
            seconds=4.2,
            failed_step="RUN pip install -r requirements.txt",
            place=Place(path="src/backend/Dockerfile", line=9),
            lines=(
                "#9 1.201 ERROR: Could not find a version that satisfies the requirement djago==5.2",
                "#9 1.202 ERROR: No matching distribution found for djago==5.2",
            ),
        ),
    ),
    cause=Cause(
        code="build-step",
        title="`pip` found no package `djago==5.2`",
        explanation="The step ended with exit 1 after 1.2 s.",
        place=Place(path="src/backend/requirements.txt", line=1),
        next_step="correct the name in `requirements.txt`",
    ),
    root_cause="backend",
    seconds={"plan": 0.4, "build": 11.7},
)
INVALID = replace(
    NOTHING_RAN,
    outcome=Outcome.INVALID,
    engine=ENGINE,
    cause=Cause(
        code="unknown",
        title="service `backend` depends on `postgress`, which is not defined",
        evidence=('service "backend" depends on undefined service "postgress": invalid compose project',),
        place=Place(path=COMPOSE, line=14),
    ),
)
REFUSED = replace(
    NOTHING_RAN,
    outcome=Outcome.REFUSED,
    findings=(
        Finding(
            rule="escape-docker-socket",
            code="escape-docker-socket",
            severity=Severity.ERROR,
            path=COMPOSE,
            line=31,
            message="`traefik` mounts the Docker socket: whoever takes it over controls this machine.",
        ),
        Finding(
            rule="escape-privileged",
            code="escape-privileged",
            severity=Severity.ERROR,
            path=COMPOSE,
            line=44,
            message="`worker` is privileged.",
        ),
    ),
)
TIMEOUT = replace(
    UNHEALTHY,
    outcome=Outcome.TIMEOUT,
    cause=Cause(
        code="never-healthy",
        title="its check still failed",
        explanation="The check may take 255 s by arithmetic, the time-out in force is 60 s.",
        next_step="use `--timeout 300`, or shorten `start_period`",
    ),
    timeout=60.0,
    seconds={"build": 18.7, "start": 60.0},
)
NO_ENGINE = replace(
    NOTHING_RAN,
    outcome=Outcome.NO_ENGINE,
    engine=None,
    unverified=("No Docker engine answers at `unix:///var/run/docker.sock`: no such file.",),
)
INTERRUPTED = replace(
    UNHEALTHY,
    outcome=Outcome.INTERRUPTED,
    cause=None,
    root_cause="",
    services=(POSTGRES, replace(REDIS, verdict=Verdict.UNVERIFIED, healthy_at=None)),
    unverified=("Stopped by SIGINT while services were starting.",),
    seconds={"build": 8.0, "start": 4.0},
)
UNCHECKED = Cause(
    code="no-check",
    title="it has no health check",
    explanation="`redis` ran, and nothing measured whether it works: it has no health check.",
    place=Place(path=COMPOSE, line=8),
    next_step="Give it a health check in the compose file or in its Dockerfile.",
)
NO_CHECK = replace(
    HEALTHY,
    outcome=Outcome.UNVERIFIED,
    services=(
        POSTGRES,
        replace(REDIS, verdict=Verdict.UNVERIFIED, check=None, healthy_at=None, probes=(), cause=UNCHECKED),
        BACKEND,
    ),
    cause=UNCHECKED,
    unverified=("`redis`: it has no health check.",),
)
IMAGE_UNAVAILABLE = replace(
    NOTHING_RAN,
    outcome=Outcome.UNVERIFIED,
    root_cause="kafka",
    cause=Cause(
        code="image-unavailable",
        title="the image `apache/kafka:3.9.0` could not be fetched",
        explanation="The registry did not answer: `dial tcp: lookup registry.example.org: no such host`."
        " That says nothing about the stack.",
        next_step="run it where the registry answers, or load `apache/kafka:3.9.0` beforehand",
        place=Place(path=COMPOSE, line=40),
    ),
    services=(ServiceHealth(name="kafka", verdict=Verdict.UNVERIFIED, image="apache/kafka:3.9.0"),),
    unverified=("The image `apache/kafka:3.9.0` could not be had.",),
)
VERIFY_NONE = HealthReport(
    outcome=Outcome.UNVERIFIED,
    commit=COMMIT,
    unverified=("Nothing was started: verification was switched off with `--verify none`.",),
)
CRASH_LOOP = replace(
    UNHEALTHY,
    services=(
        POSTGRES,
        replace(
            SICK_BACKEND,
            restarts=5,
            running=False,
            exit_code=1,
            log=("Traceback (most recent call last):", "KeyError: 'SECRET_KEY'"),
        ),
        BLOCKED_NGINX,
    ),
    cause=Cause(
        code="missing-variable",
        title="the variable `SECRET_KEY` is not set",
        explanation="It reads `SECRET_KEY` at start, and neither compose nor `.env.example` sets it.",
        evidence=("KeyError: 'SECRET_KEY'",),
        place=Place(path=COMPOSE, line=19),
        next_step="set `SECRET_KEY` in `src/.env.example`",
    ),
    left_behind=(),
)
OUT_OF_MEMORY = replace(
    UNHEALTHY,
    services=(POSTGRES, replace(SICK_BACKEND, oom_killed=True, running=False, exit_code=137, restarts=1)),
    cause=Cause(
        code="oom",
        title="it needs more memory than its limit of 64 MB",
        next_step="raise `deploy.resources.limits.memory`",
    ),
    left_behind=("volume groundwork-4be1c09_postgres_data",),
)
MIGRATION_FAILED = replace(
    UNHEALTHY,
    root_cause="migrate",
    services=(
        POSTGRES,
        replace(
            MIGRATE,
            verdict=Verdict.UNHEALTHY,
            exit_code=3,
            log=('django.db.utils.ProgrammingError: relation "orders" does not exist',),
        ),
        replace(BLOCKED_NGINX, name="backend", blocked_by="migrate", needs=("migrate",)),
        replace(BLOCKED_NGINX, blocked_by="migrate"),
    ),
    cause=Cause(
        code="one-shot-failed",
        title="relation `orders` does not exist",
        evidence=('django.db.utils.ProgrammingError: relation "orders" does not exist',),
        next_step="correct the migration",
    ),
)

CRASHING = replace(
    CRASH_LOOP,
    cause=Cause(
        code="crash-loop",
        title="it ends right after it starts (5 times, exit status 1)",
        evidence=("KeyError: 'SECRET_KEY'",),
        next_step="Read its last lines: restarting does not help it.",
    ),
)
PORT_SILENT = replace(
    UNHEALTHY,
    root_cause="nginx",
    services=(*SHOP[:4], replace(NGINX, verdict=Verdict.UNHEALTHY)),
    answers=(
        Answer(service="nginx", published=8080, target=80, protocol="http", path="/", error="connection refused"),
    ),
    cause=Cause(
        code="port-silent",
        title="its published port 8080 does not answer properly",
        explanation="The check inside the container passes, but from outside port 8080 (container port 80) gave:"
        " connection refused.",
        next_step="Let it listen on 0.0.0.0, and publish the port that it listens on.",
    ),
)
ALL = {
    "healthy": HEALTHY,
    "unhealthy": UNHEALTHY,
    "crash_loop": CRASH_LOOP,
    "crashing": CRASHING,
    "port_silent": PORT_SILENT,
    "out_of_memory": OUT_OF_MEMORY,
    "migration_failed": MIGRATION_FAILED,
    "build_failed": BUILD_FAILED,
    "invalid": INVALID,
    "refused": REFUSED,
    "timeout": TIMEOUT,
    "no_engine": NO_ENGINE,
    "interrupted": INTERRUPTED,
    "no_check": NO_CHECK,
    "image_unavailable": IMAGE_UNAVAILABLE,
    "verify_none": VERIFY_NONE,
}
