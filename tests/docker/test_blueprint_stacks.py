"""Rendered stacks, for real: development and production, to healthy; their own tests; their end on SIGTERM."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from bot.blueprint.place import place
from bot.blueprint.render import render
from bot.model.brief import Brief
from tests.unit.blueprint.briefs import brief

pytestmark = pytest.mark.docker

# As few stacks as meet every part that images exist for on a machine without an image registry.
STACKS = {
    "django": brief(
        backend="django", frontend="react-vite", database="postgresql", cache="redis", proxy="nginx", worker="celery"
    ),
    "express": brief(backend="express", frontend="react-vite", database="postgresql", cache="redis", proxy="nginx"),
    "django-mysql": brief(backend="django", database="mysql", cache="memcached", queue="rabbitmq"),
    "express-sqlite": brief(backend="express", frontend="nextjs", database="sqlite", cache="redis", worker="bullmq"),
    "fastapi": brief(
        backend="fastapi", frontend="react-vite", database="postgresql", cache="redis", queue="redis", worker="celery"
    ),
    "nestjs": brief(
        backend="nestjs", frontend="vue-vite", database="postgresql", cache="redis", worker="bullmq", proxy="caddy"
    ),
    "go": brief(
        backend="go", frontend="react-vite", database="postgresql", cache="redis", queue="rabbitmq", proxy="nginx"
    ),
    "go-redis": brief(backend="go", frontend="angular", database="postgresql", cache="redis", queue="redis"),
    "laravel": brief(
        backend="laravel",
        frontend="react-vite",
        database="postgresql",
        cache="redis",
        worker="laravel-queue",
        proxy="nginx",
    ),
    "laravel-mysql": brief(backend="laravel", frontend="vue-vite", database="mysql", cache="memcached"),
    "flask-mysql": brief(
        backend="flask", frontend="nuxt", database="mysql", cache="memcached", worker="celery", proxy="nginx"
    ),
}
# Commands of the development service that reload or compile, and what runs the built application instead.
RUN_BUILT = {
    ("worker", "['node', '--watch', 'src/worker.js']"): ["node", "src/worker.js"],
    ("migrate", "['npm', 'run', '--silent', 'migrate']"): ["node", "dist/migrate.js"],
    (
        "worker",
        "['node_modules/.bin/tsc-watch', '--noClear', '--outDir', '.dev', '--onSuccess', 'node .dev/worker.js']",
    ): ["node", "dist/worker.js"],
    ("worker", "['sh', '-c', 'go build -o /app/bin/backend . && exec /app/bin/backend worker']"): [
        "/app/bin/backend",
        "worker",
    ],
    ("migrate", "['sh', '-c', 'go build -o /app/bin/backend . && exec /app/bin/backend migrate']"): [
        "/app/bin/backend",
        "migrate",
    ],
}
# Where no Go module proxy is reached, this image has one on its own disk; it stands in for the one in the Dockerfile.
GO_IMAGE = "golang:1.24-alpine"
GO_MODULES = "groundwork/go-modules"
# What the applications depend on, and what their health page calls it.
DEPENDENCIES = {"redis": "cache", "memcached": "cache", "postgres": "database", "mysql": "database"}
# An application that ignores SIGTERM is killed after ten seconds; a database may take its time to write.
PATIENCE = 9.0


@dataclass(frozen=True, slots=True)
class Running:
    """A stack in a project of its own."""

    root: Path
    project: str
    files: tuple[str, ...]

    def compose(self, *words: str, check: bool = True, timeout: float = 300) -> str:
        options = [option for file in self.files for option in ("-f", file)]
        done = subprocess.run(
            ["docker", "compose", "-p", self.project, *options, *words],
            cwd=self.root / "src",
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert not check or done.returncode == 0, f"{words}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout

    def services(self) -> dict[str, dict[str, str]]:
        lines = self.compose("ps", "--all", "--format", "json").splitlines()
        return {service["Service"]: service for service in map(json.loads, lines)}

    def address(self) -> str:
        """Where a person opens it: the proxy, else the front end, else the back end."""
        found = self.services()
        for name in ("nginx", "caddy", "frontend", "backend"):
            for port in found.get(name, {}).get("Publishers") or ():
                if port["PublishedPort"]:
                    return f"http://127.0.0.1:{port['PublishedPort']}"
        raise AssertionError(f"nothing is published: {found}")


def start(asked: Brief, root: Path, *, production: bool) -> Running:
    files = render(asked)
    assert place(files, root) == ()
    src = root / "src"
    shutil.copy(src / ".env.example", src / ".env")
    ports = {"HTTP_PORT": free_port(), "BACKEND_PORT": free_port(), "FRONTEND_PORT": free_port()}
    settings = [line for line in (src / ".env").read_text().splitlines() if line.partition("=")[0] not in ports]
    (src / ".env").write_text("\n".join([*settings, *(f"{name}={port}" for name, port in ports.items())]) + "\n")
    names = ("docker-compose.yml", "production.yml") if production else ("docker-compose.yml",)
    if "go" in asked.backend:
        make_go_modules()
        (src / "modules.yml").write_text(with_go_modules(src / "docker-compose.yml"))
        names = (*names, "modules.yml")
    if production:
        (src / "production.yml").write_text(override(src / "docker-compose.yml"))
    running = Running(root=root, project=f"gw-blueprint-{uuid4().hex[:8]}", files=names)
    running.compose("up", "--build", "--detach", timeout=420, check=False)
    return running


def make_go_modules() -> None:
    folder = Path(__file__).parent / "go_modules"
    subprocess.run(["docker", "build", "--quiet", "--tag", GO_MODULES, folder], check=True, timeout=300)


def with_go_modules(compose: Path) -> str:
    services = yaml.safe_load(compose.read_text())["services"]
    contexts = {GO_IMAGE: f"docker-image://{GO_MODULES}"}
    built = {
        name: {"build": {"additional_contexts": contexts}}
        for name, service in services.items()
        if service.get("build", {}).get("context") == "./backend"
    }
    return yaml.safe_dump({"services": built})


def override(compose: Path) -> str:
    """The last stage of each built image, with its own user, check and files: nothing of the development service."""
    lines = ["services:"]
    for name, service in yaml.safe_load(compose.read_text())["services"].items():
        if "build" not in service:
            continue
        kept = [mount for mount in service.get("volumes", ()) if not mount.startswith(".")]
        lines += [f"  {name}:", "    build: {target: production}", "    user: !reset null"]
        lines += [f"    volumes: !override {json.dumps(kept)}", '    tmpfs: !override ["/tmp"]']
        if name in {"backend", "frontend"}:
            lines += ["    healthcheck: !reset null"]
        if command := RUN_BUILT.get((name, str(service.get("command")))):
            lines += [f"    command: {json.dumps(command)}"]
        told = service.get("environment", {})
        if name == "backend" and "DJANGO_DEBUG" in told:
            lines += ['    environment: {DJANGO_DEBUG: "0"}']
        if "APP_DEBUG" in told:
            lines += ['    environment: {APP_ENV: production, APP_DEBUG: "false"}']
    return "\n".join(lines) + "\n"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(params=[(name, stage) for name in STACKS for stage in ("development", "production")], ids="-".join)
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Running, bool]]:
    name, stage = request.param
    tmp_path.chmod(0o755)
    running = start(STACKS[name], tmp_path, production=stage == "production")
    try:
        yield running, stage == "production"
    finally:
        running.compose("down", "--volumes", "--rmi", "local", "--timeout", "1", check=False)


def wait_until_settled(running: Running) -> dict[str, dict[str, str]]:
    """Healthy, or done; asked for once a second, because an event stream would be the thing under test elsewhere."""
    deadline = time.monotonic() + 90
    while True:
        services = running.services()
        if all(one["Health"] == "healthy" or one["State"] == "exited" for one in services.values()):
            return services
        assert time.monotonic() < deadline, running.compose("logs", "--tail", "20", check=False)
        time.sleep(1)


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_a_stack_starts_answers_tests_itself_and_ends(stack: tuple[Running, bool]) -> None:
    running, production = stack
    services = wait_until_settled(running)
    for name, service in services.items():
        done = service["State"] == "exited"
        assert (service["ExitCode"] == 0) if done else (service["Health"] == "healthy"), name
        assert done is (name == "migrate"), name

    status, body = get(f"{running.address()}/health")
    assert (status, set(json.loads(body)["checks"].values())) == (200, {"ok"}), body
    assert any(line.strip() for line in running.compose("logs", "--no-log-prefix", "backend").splitlines())
    if "frontend" in services:
        status, page = get(running.address())
        assert status == 200
        assert b'<div id="root">' in page or b"The Shop" in page

    if production:
        for name in services.keys() & {"backend", "frontend", "worker", "beat", "scheduler"}:
            assert user(running, name) not in {"0", "root"}, name
    else:
        assert_own_tests_pass(running)
    assert_health_is_honest(running, services)
    assert_everything_ends_in_time(running, services)
    assert_nothing_belongs_to_root(running)


def user(running: Running, name: str) -> str:
    """As whom it runs, told by the engine: a production image may have no program to ask."""
    return running.compose("top", name).strip().splitlines()[-1].split()[0]


def assert_own_tests_pass(running: Running) -> None:
    for line in (running.root / "src/scripts/test.sh").read_text().splitlines():
        if line.startswith("docker compose exec"):
            running.compose(*line.removeprefix("docker compose ").replace('"', "").split())


def assert_health_is_honest(running: Running, services: dict[str, dict[str, str]]) -> None:
    """Each dependency is stopped: the application says which, and says so with 503; then it is well again."""
    address = running.address()
    for name, check in DEPENDENCIES.items():
        if name not in services:
            continue
        running.compose("stop", name)
        status, body = get(f"{address}/health")
        assert status == 503, (name, body)
        part = "queue" if name == "redis" and "memcached" in services else check
        assert json.loads(body)["checks"][part] != "ok", name
        running.compose("start", name)
        deadline = time.monotonic() + 60
        while get(f"{address}/health")[0] != 200:
            assert time.monotonic() < deadline, (name, get(f"{address}/health"))
            time.sleep(1)
    # Also the workers, whose queue it may be: Docker starts again whoever ended without it.
    wait_until_settled(running)


def assert_everything_ends_in_time(running: Running, services: dict[str, dict[str, str]]) -> None:
    # Dependents first, as `docker compose stop` does: a worker whose queue went first ends with an error, rightly.
    stores = {"postgres", "mysql", "redis", "memcached"}
    for name in sorted(services.keys() - {"migrate", "rabbitmq"}, key=lambda name: (name in stores, name)):
        begin = time.monotonic()
        running.compose("stop", name)
        took = time.monotonic() - begin
        assert took < PATIENCE, f"{name} took {took:.1f} s to stop"
        assert running.services()[name]["ExitCode"] in {0, 143}, name


def assert_nothing_belongs_to_root(running: Running) -> None:
    """What containers made in the code belongs to the user they ran as, or they made nothing."""
    mine = os.getuid()
    made = [path for path in running.root.rglob("*") if path.lstat().st_uid not in {mine, 1000}]
    assert made == []
