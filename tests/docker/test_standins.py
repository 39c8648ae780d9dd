"""The stand-in images are what their labels say, and behave as stacks expect of the official ones."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.docker

LABEL = "groundwork.stand-in"
ROOT = Path(__file__).parents[2]
# Image, and a command that prints the version of the program inside.
PROGRAMS = {
    "python:3.12-slim": "python3 --version",
    "node:22-alpine": "node --version",
    "postgres:16-alpine": "postgres --version",
    "redis:7-alpine": "redis-server --version",
    "nginx:1.27-alpine": "nginx -v 2>&1",
    "mysql:8.4": "mariadbd --version",
    "memcached:1.6-alpine": "memcached --version",
    "rabbitmq:4-alpine": "ls -d /usr/lib/rabbitmq/lib/*",
    "golang:1.24-alpine": "go version",
    "php:8.4-fpm-alpine": "php-fpm --version",
    "composer:2": "composer --version --no-ansi 2>/dev/null",
    "caddy:2-alpine": "caddy version",
}
# Each is asked over the network, from another container, as its users would: what only answers at home is no stand-in.
STACK = """
services:
  postgres:
    image: postgres:16-alpine
    environment: {POSTGRES_USER: shop, POSTGRES_PASSWORD: example, POSTGRES_DB: shop}
    healthcheck: {test: ["CMD-SHELL", "pg_isready -U shop -d shop"], interval: 1s, start_period: 30s}
  redis:
    image: redis:7-alpine
    command: ["redis-server", "--appendonly", "yes"]
    healthcheck: {test: ["CMD", "redis-cli", "ping"], interval: 1s, start_period: 30s}
  mysql:
    image: mysql:8.4
    environment: {MYSQL_ROOT_PASSWORD: example, MYSQL_USER: shop, MYSQL_PASSWORD: example, MYSQL_DATABASE: shop}
    healthcheck: {test: ["CMD", "mysqladmin", "ping", "-h", "localhost", "-pexample"], interval: 1s, start_period: 60s}
  memcached:
    image: memcached:1.6-alpine
    command: ["-m", "32"]
    healthcheck: {test: ["CMD-SHELL", "echo version | nc 127.0.0.1 11211"], interval: 1s, start_period: 30s}
  rabbitmq:
    image: rabbitmq:4-alpine
    environment: {RABBITMQ_DEFAULT_USER: shop, RABBITMQ_DEFAULT_PASS: example}
    healthcheck:
      test: ["CMD", "rabbitmq-diagnostics", "-q", "check_port_connectivity"]
      interval: 2s
      timeout: 10s
      start_period: 60s
  nginx:
    image: nginx:1.27-alpine
    healthcheck: {test: ["CMD", "wget", "-qO-", "http://127.0.0.1/"], interval: 1s, start_period: 30s}
"""
ASK = {
    "postgres": ("postgres", "PGPASSWORD=example psql -h postgres -U shop -d shop -tAc 'select 40 + 2'", "42"),
    "redis": ("redis", "redis-cli -h redis ping", "PONG"),
    "mysql": ("mysql", "mysql -h mysql -u shop -pexample shop -Ne 'select 40 + 2'", "42"),
    "memcached": ("memcached", "printf 'version\\r\\nquit\\r\\n' | nc memcached 11211", "VERSION"),
    "rabbitmq": ("nginx", "nc -z rabbitmq 5672 && ! nc -zw 1 rabbitmq 5673 && echo open", "open"),
    "nginx": ("redis", "wget -qO- http://nginx/ | grep -c nginx", ""),
}


def docker(*words: str, check: bool = True) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=240, check=False)
    assert not check or done.returncode == 0, f"docker {' '.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout


def stand_in(image: str) -> str:
    """What the image says it really is; a test of an official image would say nothing about this folder."""
    found = json.loads(docker("image", "inspect", image, check=False) or "[]")
    labels = (found[0]["Config"].get("Labels") if found else None) or {}
    if LABEL not in labels:
        pytest.skip(f"{image} is no stand-in here")
    return str(labels[LABEL])


@pytest.mark.parametrize("image", PROGRAMS)
def test_the_label_tells_the_version_inside(image: str) -> None:
    what = stand_in(image)
    said = re.search(r"\d+(\.\d+)+", what)
    assert said, what
    assert what.endswith("(Debian trixie)")
    assert said[0] in docker("run", "--rm", "--entrypoint", "sh", image, "-c", PROGRAMS[image])


def test_building_again_does_nothing() -> None:
    stand_in("redis:7-alpine")
    before = docker("image", "inspect", "--format", "{{.Id}}", "redis:7-alpine")
    again = subprocess.run([ROOT / "tests/standins/build", "redis"], capture_output=True, text=True, check=True)
    assert again.stdout == "stand-ins: up to date (redis)\n"
    assert docker("image", "inspect", "--format", "{{.Id}}", "redis:7-alpine") == before


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    """All servers, up and healthy: the words that address their project."""
    folder = tmp_path_factory.mktemp("standins")
    (folder / "compose.yml").write_text(STACK, encoding="utf-8")
    project = f"standins-{folder.parent.name.lower()}-{folder.name.lower()}"
    words = ("compose", "--project-name", project, "--file", str(folder / "compose.yml"))
    try:
        docker(*words, "up", "--wait", "--quiet-pull")
        yield words
    finally:
        docker(*words, "down", "--volumes", "--timeout", "2", check=False)


@pytest.mark.parametrize("service", ASK)
def test_a_stack_can_talk_to_it(stack: tuple[str, ...], service: str) -> None:
    asker, command, expected = ASK[service]
    assert expected in docker(*stack, "exec", "-T", asker, "sh", "-c", command)


def test_servers_step_down_from_root(stack: tuple[str, ...]) -> None:
    for service, user in {"postgres": "postgres", "redis": "redis", "mysql": "mysql", "memcached": "memcache"}.items():
        owner = docker(*stack, "exec", "-T", service, "sh", "-c", "stat -c %U /proc/1")
        assert owner.strip() == user, service
