"""A cause is named where the evidence supports it, and not where it does not."""

from __future__ import annotations

import pytest

from bot.model.measured import HealthCheck, ServiceRecord, Usage
from bot.verify.causes.all import find_cause, will_not_recover
from tests.unit.verify.records import CHECK, failing, healthy, moments, record


def checked(command: str, **changes: float) -> HealthCheck:
    values = {"interval": 5.0, "timeout": 3.0, "start_period": 10.0} | changes
    return HealthCheck(command=command, defined_in="compose", place=CHECK.place, retries=3, **values)


def ended(*log: str, **changes: object) -> ServiceRecord:
    known = {"moments": moments((0.2, "started"), (1.0, "exited")), "exit_code": 1}
    return healthy(running=False, status="", log=log, **{**known, **changes})


LOCALHOST = checked("wget -qO- http://localhost:8000/health")
GET = checked("curl -fsS http://127.0.0.1:8000/health")
REFUSED = "curl: (7) Failed to connect to 127.0.0.1 port 8000: Connection refused"

LIMITED = Usage(memory_limit=64 * 2**20)

UNHEALTHY = {
    "ipv6-localhost": [
        failing(check=LOCALHOST, output="connect to ::1 port 8000 failed: Connection refused"),
        failing(
            check=LOCALHOST, output="can't connect to remote host: Connection refused", listening=("0.0.0.0:8000",)
        ),
        failing(check=checked("node -e \"fetch('http://localhost:8000/')\""), output="connect ECONNREFUSED ::1:8000"),
    ],
    "program-missing": [
        failing(check=GET, output="/bin/sh: curl: not found", exit_code=127),
        failing(check=GET, output="sh: 1: curl: not found", exit_code=1),
        failing(
            check=checked("pg_isready"),
            exit_code=-1,
            output='OCI runtime exec failed: exec: "pg_isready": executable file not found in $PATH',
        ),
    ],
    "http-status": [
        failing(check=GET, output="curl: (22) The requested URL returned error: 404"),
        failing(check=GET, output="wget: server returned error: HTTP/1.1 404 Not Found"),
        failing(check=GET, output="urllib.error.HTTPError: HTTP Error 503: Service Unavailable"),
    ],
    "wrong-port": [failing(check=GET, output=REFUSED, listening=("0.0.0.0:3000",))],
    "slow-probe": [failing(check=GET, output="Health check exceeded timeout (3s)", exit_code=-1)],
    "oom": [failing(oom_killed=True, usage=Usage(memory_limit=64 * 2**20))],
    "connection-refused": [failing(check=GET, output="", log=("psycopg.OperationalError: connection refused",))],
    "never-healthy": [failing(check=GET), failing(check=GET, output=REFUSED)],
}
ENDED = {
    "missing-variable": [
        ended("KeyError: 'DATABASE_URL'"),
        ended("Error: JWT_SECRET is not set"),
        ended("sh: 1: SECRET_KEY: parameter not set"),
    ],
    "permission-denied": [ended("PermissionError: [Errno 13] Permission denied: '/app/storage/logs'")],
    "missing-directory": [ended("Error: ENOENT: no such file or directory, open '/var/log/supervisor/x.log'")],
    "program-missing": [ended("Error: Cannot find module 'express'"), ended("sh: 1: gunicorn: not found")],
    "connection-refused": [ended("Error: connect ECONNREFUSED 172.18.0.2:5432")],
    "port-taken": [ended("Error: listen EADDRINUSE: address already in use :::3000")],
    "disk-full": [ended("OSError: [Errno 28] No space left on device")],
    "architecture": [ended("exec /usr/local/bin/app: exec format error")],
    "exited": [
        ended("goodbye"),
        ended("goodbye", exit_code=137),  # without a limit, a kill may come from anywhere
        ended(exit_code=137, usage=LIMITED, moments=moments((0.2, "started"), (0.9, "killed"), (1.0, "exited"))),
    ],
    "oom": [ended("goodbye", exit_code=137, usage=LIMITED)],  # the engine can miss the kernel's word
    "image-unavailable": [ended(image_error="manifest unknown")],
}


@pytest.mark.parametrize(
    ("code", "service"), [(code, one) for table in (UNHEALTHY, ENDED) for code, many in table.items() for one in many]
)
def test_the_cause_is_named(code: str, service: ServiceRecord) -> None:
    cause = find_cause(service, record(service))
    assert cause.code == code
    assert cause.title
    assert cause.next_step


@pytest.mark.parametrize(
    "service",
    [
        failing(check=LOCALHOST, output="Connection refused", listening=("[::]:8000",)),
        failing(check=LOCALHOST, output="Connection refused"),
        failing(check=GET, output=REFUSED, listening=("0.0.0.0:3000",)),
    ],
)
def test_ipv6_is_not_blamed_without_evidence(service: ServiceRecord) -> None:
    assert find_cause(service, record(service)).code != "ipv6-localhost"


def test_too_short_a_start_period_says_what_would_do() -> None:
    app = healthy(
        moments=moments((0.2, "started"), (3.0, "unhealthy"), (6.2, "healthy")), check=checked("x", start_period=1.0)
    )
    cause = find_cause(app, record(app))
    assert cause.code == "start-period-short"
    assert "start_period: 15s" in cause.next_step


def test_the_service_that_refuses_is_named_and_waiting_for_it_advised() -> None:
    app = ended("could not connect to server: Connection refused. Is the server running on host db?")
    cause = find_cause(app, record(app, healthy("db")))
    assert "`db`" in cause.title
    assert "service_healthy" in cause.next_step


def test_only_what_cannot_mend_itself_ends_the_wait_for_recovery() -> None:
    assert will_not_recover(failing(check=GET, output="/bin/sh: curl: not found", exit_code=127))
    assert not will_not_recover(failing(check=GET, output=REFUSED))
