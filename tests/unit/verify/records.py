"""Recorded verifications made by hand, and by chance."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.model.measured import (
    Answer,
    Build,
    Dependency,
    HealthCheck,
    Moment,
    Place,
    Probe,
    Record,
    Sample,
    ServiceRecord,
)

CHECK = HealthCheck(
    command="curl -f http://127.0.0.1:8000/health",
    defined_in="compose",
    place=Place(path="src/docker-compose.yml", line=12),
    interval=5.0,
    timeout=3.0,
    retries=3,
    start_period=10.0,
)


def moments(*pairs: tuple[float, str]) -> tuple[Moment, ...]:
    """Moments from (at, kind); an exit has status 1."""
    return tuple(
        Moment(at=at, kind=kind, exit_code=1 if kind == "exited" else None)  # type: ignore[arg-type]
        for at, kind in pairs
    )


def healthy(name: str = "app", **changes: object) -> ServiceRecord:
    """A service that was healthy after 2 s and stayed so."""
    values: dict[str, object] = {
        "name": name,
        "image": f"{name}:1",
        "check": CHECK,
        "moments": moments((0.1, "created"), (0.2, "started"), (2.0, "healthy")),
        "probes": (Probe(at=2.0, seconds=0.02, exit_code=0),),
        "probe_count": 1,
        "running": True,
        "status": "healthy",
    }
    return ServiceRecord(**(values | changes))  # type: ignore[arg-type]


def failing(name: str = "app", output: str = "", exit_code: int = 1, **changes: object) -> ServiceRecord:
    """A service that runs and whose check failed three times."""
    probes = tuple(Probe(at=5.0 * n, seconds=0.02, exit_code=exit_code, output=output) for n in (1, 2, 3))
    values: dict[str, object] = {
        "moments": moments((0.1, "created"), (0.2, "started"), (15.2, "unhealthy")),
        "probes": probes,
        "probe_count": 3,
        "status": "unhealthy",
    }
    return healthy(name, **(values | changes))


def record(*services: ServiceRecord, **changes: object) -> Record:
    """A verification that ended by itself, with a window if all was well."""
    well = all(service.status == "healthy" or service.one_shot for service in services)
    states = tuple(sorted(f"{service.name}=running/healthy" for service in services if service.running))
    values: dict[str, object] = {
        "ended": "settled",
        "path": "src/docker-compose.yml",
        "services": services,
        "window": 15.0,
        "window_began": 3.0 if well else None,
        "samples": tuple(Sample(at=3.0 + 3 * n, states=states) for n in range(6)) if well else (),
    }
    return Record(**(values | changes))  # type: ignore[arg-type]


_NAMES = ("db", "app", "proxy", "job")
_times = st.floats(0, 60, allow_nan=False).map(lambda at: round(at, 2))
_moments = st.lists(
    st.builds(
        Moment,
        at=_times,
        kind=st.sampled_from(["created", "started", "healthy", "unhealthy", "exited", "oom", "killed"]),
        exit_code=st.sampled_from([None, 0, 1, 137]),
    ),
    max_size=8,
).map(lambda found: tuple(sorted(found, key=lambda moment: moment.at)))
_probes = st.lists(
    st.builds(
        Probe,
        at=_times,
        seconds=st.floats(0, 12, allow_nan=False),
        exit_code=st.sampled_from([0, 1, -1, 126, 127]),
        output=st.sampled_from(["", "Connection refused", "curl: not found", "HTTP Error 404", "timed out", "\x00"]),
    ),
    max_size=4,
).map(tuple)


@st.composite
def _services(draw: st.DrawFn) -> tuple[ServiceRecord, ...]:
    names = draw(st.lists(st.sampled_from(_NAMES), unique=True, min_size=1, max_size=4))
    condition = st.sampled_from(["service_started", "service_healthy", "service_completed_successfully"])
    return tuple(
        draw(
            st.builds(
                ServiceRecord,
                name=st.just(name),
                one_shot=st.booleans(),
                check=st.sampled_from([None, CHECK]),
                check_off=st.booleans(),
                restart=st.sampled_from(["no", "always", "on-failure"]),
                # Cycles too: Compose refuses them, a recorded file may hold them all the same.
                needs=st.lists(
                    st.builds(Dependency, service=st.sampled_from(_NAMES), condition=condition), max_size=2
                ).map(tuple),
                moments=_moments,
                probes=_probes,
                probe_count=st.integers(0, 9),
                running=st.booleans(),
                status=st.sampled_from(["", "starting", "healthy", "unhealthy"]),
                exit_code=st.sampled_from([None, 0, 1, 137]),
                restarts=st.integers(0, 5),
                oom_killed=st.booleans(),
                start_error=st.sampled_from(["", "", "port is already allocated", "exec format error"]),
                image_error=st.sampled_from(["", "", "", "no such host"]),
                log=st.sampled_from([(), ("boom",), ("connect ECONNREFUSED db",), ("KeyError: 'SECRET_KEY'",)]),
            )
        )
        for name in names
    )


@st.composite
def _samples(draw: st.DrawFn) -> tuple[Sample, ...]:
    state = st.sampled_from([f"{name}={what}" for name in _NAMES for what in ("running/healthy", "exited", "running")])
    return tuple(
        draw(st.lists(st.builds(Sample, at=_times, states=st.lists(state, max_size=4).map(tuple)), max_size=6))
    )


ENDED = [
    "settled", "settled", "settled", "timeout", "interrupted", "engine-lost", "no-engine", "refused", "invalid",
    "build-failed", "start-failed",
]  # fmt: skip

any_record = st.builds(
    Record,
    ended=st.sampled_from(ENDED),
    words=st.sampled_from([(), ("dependency failed to start",)]),
    services=_services(),
    builds=st.lists(
        st.builds(Build, service=st.sampled_from(_NAMES), ok=st.booleans(), lines=st.just(("x",))), max_size=2
    ).map(tuple),
    answers=st.lists(
        st.builds(
            Answer,
            service=st.sampled_from(_NAMES),
            published=st.just(8080),
            target=st.just(80),
            protocol=st.just("http"),
            ok=st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
    window_began=st.none() | _times,
    samples=_samples(),
    window=st.just(15.0),
    timeout=st.just(600.0),
)


_SLIPS: tuple[dict[str, object], ...] = (
    {"running": False},
    {"running": False, "exit_code": 0},
    {"running": False, "exit_code": 137, "oom_killed": True},
    {"running": False, "moments": moments((0.2, "started"), (2.0, "healthy"), (9.0, "exited"))},
    {"running": False, "moments": moments((0.2, "started"), (1.0, "exited")), "restart": "always"},
    {"running": False, "moments": ()},
    {"moments": moments((0.2, "started"), (2.0, "healthy"), (9.0, "exited"), (9.1, "started"), (11.0, "healthy"))},
    {"status": "unhealthy"},
    {"status": "starting"},
    {"status": ""},
    {"check": None, "status": ""},
    {"check": None, "status": "healthy"},
    {"image_error": "no such host"},
)


@st.composite
def _almost_healthy(draw: st.DrawFn) -> Record:
    """A stack that is up, but for a slip or two: what a judgement that looks at too little would let pass."""
    slips = [draw(st.none() | st.sampled_from(_SLIPS)) for _ in _NAMES[:3]]
    services = tuple(healthy(name, **(slip or {})) for name, slip in zip(_NAMES[:3], slips, strict=True))
    states = tuple(sorted(f"{name}=running/healthy" for name in _NAMES[:3]))
    return record(*services, window_began=3.0, samples=tuple(Sample(at=3.0 + 3 * n, states=states) for n in range(6)))


any_record = any_record | _almost_healthy()
