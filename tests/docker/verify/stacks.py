"""Small real stacks, each with the verdict and the cause that a person would want to read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.model.health import HealthReport

Service = dict[str, Any]
SERVE = "require('http').createServer((q,s)=>{s.statusCode=q.url=='/'?200:404;s.end('x')}).listen(8000,'0.0.0.0');"


def check(test: str, **changes: Any) -> dict[str, Any]:
    """A health check that is quick to decide."""
    return {"test": ["CMD-SHELL", test], "interval": "500ms", "timeout": "2s", "retries": 2} | changes


GET = check("wget -q -O /dev/null http://127.0.0.1:8000/")


def node(script: str, **changes: Any) -> Service:
    """A service that runs a line of JavaScript."""
    return {"image": "node:22-alpine", "command": ["node", "-e", script], "init": True} | changes


def shell(script: str, **changes: Any) -> Service:
    """A service that runs a line of shell."""
    return {"image": "node:22-alpine", "command": ["sh", "-c", script]} | changes


def web(**changes: Any) -> Service:
    """A service that serves and is healthy."""
    return node(SERVE, healthcheck=GET) | changes


def after(service: str, condition: str = "service_healthy") -> dict[str, Any]:
    """`depends_on` with one entry."""
    return {service: {"condition": condition}}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A stack and what must be said of it.

    `verdicts`: by service. `cause`: the root cause's code; `root`: whose it is. `also`: what else a reader must find.
    """

    services: Mapping[str, Service]
    outcome: str
    verdicts: Mapping[str, str] = field(default_factory=dict)
    root: str = ""
    cause: str | None = None
    also: Callable[[HealthReport], bool] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    window: float = 1.0
    timeout: float = 60.0

    def write(self, root: Path) -> Path:
        """Write the stack as a tree and return its root."""
        source = root / "src"
        source.mkdir(parents=True)
        model = {"services": self.services, **self.more}
        (source / "docker-compose.yml").write_text(json.dumps(model, indent=2).replace("$", "$$"))
        for name, text in self.files.items():
            path = source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return root


SLOW_START = node(
    "setTimeout(()=>{" + SERVE + "},2500)", healthcheck=GET | {"interval": "400ms", "retries": 1, "start_period": "1s"}
)
UNTIL_SECOND_START = 'test -e /data/tried || { touch /data/tried; echo first try; exit 1; }; exec node -e "$0"'

CASES: dict[str, Case] = {
    "one-shot": Case(
        services={
            "migrate": shell("echo migrated"),
            "app": web(depends_on=after("migrate", "service_completed_successfully")),
        },
        outcome="healthy",
        verdicts={"migrate": "done", "app": "healthy"},
    ),
    "one-shot-fails": Case(
        services={
            "migrate": shell("echo relation missing; exit 3"),
            "app": web(depends_on=after("migrate", "service_completed_successfully")),
        },
        outcome="unhealthy",
        verdicts={"migrate": "unhealthy", "app": "blocked"},
        root="migrate",
        cause="one-shot-failed",
        also=lambda report: "relation missing" in report.services[0].log and report.services[1].blocked_by == "migrate",
    ),
    "one-shot-alone": Case(
        services={"seed": shell("true", restart="no"), "app": web()},
        outcome="healthy",
        verdicts={"seed": "done", "app": "healthy"},
    ),
    "late-crash": Case(
        services={"app": node(SERVE + "setTimeout(()=>process.exit(4),3000)", healthcheck=GET)},
        outcome="unhealthy",
        verdicts={"app": "unhealthy"},
        root="app",
        cause="exited",
        window=6,
        also=lambda report: report.services[0].exit_code == 4 and report.services[0].healthy_at is not None,
    ),
    "late-crash-restarts": Case(
        services={"app": node(SERVE + "setTimeout(()=>process.exit(4),3000)", healthcheck=GET, restart="always")},
        outcome="unhealthy",
        verdicts={"app": "unhealthy"},
        root="app",
        window=6,
    ),
    "crash-loop": Case(
        services={"app": shell("echo boom; exit 1", restart="always")},
        outcome="unhealthy",
        verdicts={"app": "unhealthy"},
        root="app",
        cause="crash-loop",
        also=lambda report: "boom" in report.services[0].log,
    ),
    "restart-then-recovery": Case(
        services={
            "app": {
                "image": "node:22-alpine",
                "command": ["sh", "-c", UNTIL_SECOND_START, SERVE],
                "restart": "on-failure",
                "volumes": ["data:/data"],
                "healthcheck": GET,
            }
        },
        more={"volumes": {"data": {}}},
        outcome="healthy",
        verdicts={"app": "healthy"},
        also=lambda report: report.services[0].restarts == 1 and "restarted once" in " ".join(report.suggestions),
    ),
    "unhealthy-then-healthy": Case(
        services={"app": SLOW_START},
        outcome="healthy",
        verdicts={"app": "healthy"},
        also=lambda report: "start_period" in " ".join(report.suggestions),
    ),
    "start-period-short": Case(
        services={"app": SLOW_START, "proxy": web(depends_on=after("app"))},
        outcome="unhealthy",
        verdicts={"app": "unhealthy", "proxy": "blocked"},
        root="app",
        cause="start-period-short",
    ),
    "seldom-asked": Case(
        # Said of the one whose check is asked more often than written, and of nobody else.
        services={"app": web(healthcheck=GET | {"interval": "20s", "start_period": "60s"}), "other": web()},
        outcome="healthy",
        verdicts={"app": "healthy", "other": "healthy"},
        also=lambda report: report.hastened == ("app",) and (report.services[0].healthy_at or 99) < 20,
    ),
    "never-healthy": Case(
        services={
            "db": shell("exec sleep 600", healthcheck=check("echo not yet; exit 1")),
            "app": web(depends_on=after("db")),
            "proxy": web(depends_on=after("app")),
            "other": web(),
        },
        outcome="unhealthy",
        verdicts={"db": "unhealthy", "app": "blocked", "proxy": "blocked", "other": "healthy"},
        root="db",
        cause="never-healthy",
        also=lambda report: report.services[2].blocked_by == "db" and "not yet" in str(report.cause),
    ),
    "no-check": Case(
        services={"app": node(SERVE), "other": web()},
        outcome="unverified",
        verdicts={"app": "unverified", "other": "healthy"},
        cause="no-check",
    ),
    "check-off": Case(
        services={"app": node(SERVE, healthcheck={"disable": True})},
        outcome="unverified",
        verdicts={"app": "unverified"},
        cause="no-check",
        also=lambda report: "switched off" in " ".join(report.unverified),
    ),
    "ipv6-localhost": Case(
        services={
            "app": node(SERVE, networks=["six"], healthcheck=check("wget -q -O /dev/null http://localhost:8000/"))
        },
        more={"networks": {"six": {"enable_ipv6": True, "ipam": {"config": [{"subnet": "fd6e:7266:aa01::/64"}]}}}},
        outcome="unhealthy",
        verdicts={"app": "unhealthy"},
        root="app",
        cause="ipv6-localhost",
        also=lambda report: report.cause is not None and report.cause.place is not None and report.cause.place.line > 0,
    ),
    "missing-curl": Case(
        services={"app": node(SERVE, healthcheck=check("curl -f http://127.0.0.1:8000/"))},
        outcome="unhealthy",
        root="app",
        cause="program-missing",
        also=lambda report: "curl" in str(report.cause),
    ),
    "missing-program-exec": Case(
        services={"app": node(SERVE, healthcheck=check("") | {"test": ["CMD", "pg_isready", "-U", "x"]})},
        outcome="unhealthy",
        root="app",
        cause="program-missing",
    ),
    "wrong-path": Case(
        services={"app": node(SERVE, healthcheck=check("wget -q -O /dev/null http://127.0.0.1:8000/health"))},
        outcome="unhealthy",
        root="app",
        cause="http-status",
        also=lambda report: "/health" in str(report.cause),
    ),
    "wrong-port": Case(
        services={"app": node(SERVE, healthcheck=check("wget -q -O /dev/null http://127.0.0.1:3000/"))},
        outcome="unhealthy",
        root="app",
        cause="wrong-port",
        also=lambda report: "8000" in str(report.cause),
    ),
    "dependency-never-ready": Case(
        services={
            "db": shell("exec sleep 600", healthcheck=check("exit 1")),
            "app": node(
                "require('net').connect(5432,'db').on('error',e=>{console.error(e.message);process.exit(1)})",
                depends_on=after("db", "service_started"),
                healthcheck=GET,
            ),
        },
        outcome="unhealthy",
        verdicts={"db": "unhealthy", "app": "blocked"},
        root="db",
    ),
    "dependency-refused": Case(
        services={
            "cache": node("setInterval(()=>0,1000)", healthcheck=check("true")),
            "app": node(
                "require('net').connect(6379,'cache').on('error',e=>{console.error(e.stack);process.exit(1)})",
                healthcheck=GET,
                restart="always",
            ),
        },
        outcome="unhealthy",
        verdicts={"cache": "healthy", "app": "unhealthy"},
        root="app",
        cause="connection-refused",
    ),
    "missing-variable": Case(
        services={"app": shell("echo ${SECRET_KEY:?SECRET_KEY must be set}", healthcheck=GET, restart="always")},
        outcome="unhealthy",
        root="app",
        cause="missing-variable",
        also=lambda report: "SECRET_KEY" in str(report.cause),
    ),
    "missing-directory": Case(
        services={"app": shell("set -e; cd /srv/nowhere; exec sleep 600", healthcheck=GET)},
        outcome="unhealthy",
        root="app",
        cause="missing-directory",
    ),
    "permission-denied": Case(
        services={"app": shell("echo x > /etc/app.conf || exit 1", user="1000:1000", healthcheck=GET)},
        outcome="unhealthy",
        root="app",
        cause="permission-denied",
        also=lambda report: "/etc/app.conf" in str(report.cause),
    ),
    "out-of-memory": Case(
        services={
            "app": node(
                "const a=[];setInterval(()=>a.push(Buffer.alloc(8e6,1)),20)",
                healthcheck=check("true"),
                deploy={"resources": {"limits": {"memory": "64M"}}},
            )
        },
        outcome="unhealthy",
        verdicts={"app": "unhealthy"},
        root="app",
        cause="oom",
        window=8,
    ),
    "slow-probe": Case(
        services={"app": node(SERVE, healthcheck=check("sleep 4", timeout="10s"))},
        outcome="healthy",
        verdicts={"app": "healthy"},
        also=lambda report: "should answer within 3 s" in " ".join(report.suggestions),
    ),
    "probe-times-out": Case(
        services={"app": node(SERVE, healthcheck=check("sleep 4", timeout="1s", retries=1))},
        outcome="unhealthy",
        root="app",
        cause="slow-probe",
    ),
    "missing-image": Case(
        services={
            "app": {"image": "registry.invalid/nobody/nothing:1", "healthcheck": GET},
            "proxy": web(depends_on=after("app")),
            "other": web(),
        },
        outcome="unverified",
        verdicts={"app": "unverified", "proxy": "blocked", "other": "healthy"},
        root="app",
        cause="image-unavailable",
    ),
    "build-fails": Case(
        services={"app": {"build": "./app", "healthcheck": GET}, "other": {"build": "./other", "healthcheck": GET}},
        files={
            "app/Dockerfile": "FROM node:22-alpine\nRUN echo preparing\nRUN echo cannot find thing >&2 && exit 7\n",
            "other/Dockerfile": "FROM node:22-alpine\nRUN true\n",
        },
        outcome="build-failed",
        cause="build-step",
        also=lambda report: (
            report.builds[0].service == "app"
            and any("cannot find thing" in line for line in report.builds[0].lines)
            and report.builds[0].place is not None
            and (report.builds[0].place.path, report.builds[0].place.line) == ("src/app/Dockerfile", 3)
        ),
    ),
    "builds": Case(
        services={
            "app": {"build": "./app", "image": "groundwork-test-own:1", "healthcheck": GET, "ports": ["18080:8000"]}
        },
        files={"app/Dockerfile": f'FROM node:22-alpine\nRUN echo built\nCMD ["node", "-e", "{SERVE}"]\n'},
        outcome="healthy",
        verdicts={"app": "healthy"},
        also=lambda report: (
            report.builds[0].size > 0
            and report.builds[0].bases == ("node:22-alpine",)
            and report.answers[0].ok
            and report.answers[0].published == 18080
        ),
    ),
    "check-in-dockerfile": Case(
        services={"app": {"build": "./app"}},
        files={
            "app/Dockerfile": (
                "FROM node:22-alpine\nHEALTHCHECK --interval=500ms --retries=1 CMD wget -q -O - http://127.0.0.1:9/\n"
                f'CMD ["node", "-e", "{SERVE}"]\n'
            )
        },
        outcome="unhealthy",
        root="app",
        cause="wrong-port",
        also=lambda report: (
            report.services[0].check is not None
            and report.services[0].check.defined_in == "image"
            and str(report.cause).count("src/app/Dockerfile") == 1
        ),
    ),
    "port-silent": Case(
        services={"app": node(SERVE.replace("0.0.0.0", "127.0.0.1"), healthcheck=GET, ports=["18081:8000"])},
        outcome="unhealthy",
        root="app",
        cause="port-silent",
    ),
    "root-owned-files": Case(
        services={
            "app": shell(f'mkdir -p /app/cache; exec node -e "{SERVE}"', healthcheck=GET, volumes=["./app:/app"])
        },
        files={"app/main.js": "//"},
        outcome="healthy",
        verdicts={"app": "healthy"},
        also=lambda report: report.services[0].root_owned == ("src/app/cache",),
    ),
    "ignores-sigterm": Case(
        services={"app": shell(f"trap '' TERM; node -e \"{SERVE}\" & wait; wait", healthcheck=GET)},
        outcome="healthy",
        verdicts={"app": "healthy"},
        also=lambda report: report.seconds is not None and report.seconds["teardown"] < 5,
    ),
    "never-started-command": Case(
        services={"app": {"image": "node:22-alpine", "command": ["no-such-program"], "healthcheck": GET}},
        outcome="unhealthy",
        verdicts={"app": "unhealthy"},
        root="app",
        cause="program-missing",
    ),
    "never-created": Case(
        # Compose takes `v:/x` for a drive of Windows; the engine then makes no container at all.
        services={"app": {"image": "node:22-alpine", "command": ["node"], "volumes": ["v:/x"]}},
        outcome="unhealthy",
        verdicts={"app": "unhealthy"},
        root="app",
        cause="unknown",
        also=lambda report: "mount path must be absolute" in str(report.cause),
    ),
    "external-network": Case(
        services={"app": web(networks=["proxy"])},
        more={"networks": {"proxy": {"external": True, "name": "groundwork_test_proxy"}}},
        outcome="healthy",
        verdicts={"app": "healthy"},
        also=lambda report: "groundwork_test_proxy" in " ".join(report.unverified),
    ),
    "too-slow": Case(
        services={"app": shell("exec sleep 600", healthcheck=check("exit 1", start_period="60s"))},
        outcome="timeout",
        verdicts={"app": "unhealthy"},
        timeout=5,
    ),
    "invalid": Case(
        services={"app": web(depends_on=["nobody"])},
        outcome="invalid",
        also=lambda report: "nobody" in " ".join(report.record.words if report.record else ()),
    ),
    "express-mysql-rabbitmq-memcached": Case(
        services={
            "mysql": {
                "image": "mysql:8.4",
                "environment": {"MYSQL_ROOT_PASSWORD": "r00t-pw", "MYSQL_DATABASE": "app"},
                "healthcheck": check("mysqladmin ping -h 127.0.0.1 -uroot -pr00t-pw", retries=60),
                "volumes": ["db:/var/lib/mysql"],
            },
            "rabbitmq": {
                "image": "rabbitmq:4-alpine",
                "healthcheck": check(
                    "rabbitmq-diagnostics -q check_port_connectivity", timeout="20s", interval="4s", start_period="60s"
                ),
            },
            "memcached": {"image": "memcached:1.6-alpine", "healthcheck": check("nc -z 127.0.0.1 11211")},
            "app": web(
                depends_on=after("mysql") | after("rabbitmq") | after("memcached"),
                ports=["18082:8000"],
            ),
        },
        more={"volumes": {"db": {}}},
        outcome="healthy",
        verdicts={"mysql": "healthy", "rabbitmq": "healthy", "memcached": "healthy", "app": "healthy"},
        timeout=180,
    ),
}
