"""SEC01: secrets that are written down."""

from __future__ import annotations

import base64
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.check.rules import hardcoded_secret
from bot.check.sources.secrets import is_secret_name, is_stand_in
from bot.check.tree import Tree
from bot.model.finding import Finding

Check = Callable[..., list[Finding]]

RULE = hardcoded_secret.RULE
BODY = base64.b64encode(random.Random(7).randbytes(600)).decode()
KEY = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    + "\n".join(BODY[i : i + 64] for i in range(0, len(BODY), 64))
    + "\n-----END RSA PRIVATE KEY-----\n"
)
TOKEN = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"


def compose(environment: str) -> dict[str, str]:
    return {"src/docker-compose.yml": f"services:\n  a:\n    image: b:1\n    environment:\n{environment}\n"}


@pytest.mark.parametrize(
    "line",
    [
        "      POSTGRES_PASSWORD: hunter2",
        "      - POSTGRES_PASSWORD=supersecret",
        '      MYSQL_ROOT_PASSWORD: "root"',
        "      JWT_SECRET: 8f3k2j1h4g5f6d7s8a9",
        "      DATABASE_URL: postgres://app:hunter2@db:5432/app",
        "      API_KEY: abcd1234efgh",
        "      SECRET_KEY: django-insecure-x8k2m9v3b7n1q5w4e6r8t0y2u4i6o8p",
        "      AWS_SECRET_ACCESS_KEY: wJalrXUtnFEMI/K7MDENG/bPx",
        "      - REDIS_URL=redis://:s3cr3t@redis:6379",
        "      DB_PASS: 123456",
        f"      GH: {TOKEN}",
        "      DATABASE_URL: postgres://app:hunter2@${DB_HOST:-db}/app",
        "      APP_KEY: base64:2fl+Ktvkfl+Fuz4Qp/A75G2RTiWVA/ZoKZvp6fiiM10=",
    ],
)
def test_compose_literals(findings: Check, line: str) -> None:
    (found,) = findings(RULE, compose(line))
    assert found.line == 5
    assert "hunter2" not in found.message
    assert "supersecret" not in found.message


@pytest.mark.parametrize(
    "line",
    [
        "      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}",
        "      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:-dev}",
        "      POSTGRES_PASSWORD: changeme",
        "      - POSTGRES_PASSWORD=change-me",
        "      - POSTGRES_PASSWORD",
        "      POSTGRES_PASSWORD:",
        "      POSTGRES_PASSWORD: ''",
        "      POSTGRES_PASSWORD_FILE: /run/secrets/db",
        "      JWT_SECRET: your-secret-here",
        "      API_KEY: <your key>",
        "      MYSQL_RANDOM_ROOT_PASSWORD: 'yes'",
        "      ALLOW_EMPTY_PASSWORD: 'yes'",
        "      TOKEN_TTL: '3600'",
        "      MAX_TOKENS: 4096",
        "      PASSWORD_MIN_LENGTH: 12",
        "      DATABASE_URL: postgres://${DB_USER}:${DB_PASSWORD}@db/app",
        "      STRIPE_PUBLIC_KEY: pk_test_1",
        "      REDIS_URL: redis://redis:6379/0",
        "      VITE_API_URL: http://127.0.0.1:8000",
        "      POSTGRES_USER: app",
        "      KEYCLOAK: x",
        "      JWT_EXPIRES_IN: 15m",
        "      TOKEN_URL: https://auth.example.org/token",
        "      SECRET_KEY: replace-this-in-production",
        "      SESSION_SECRET_FILE: /run/secrets/session",
        "      API_TOKEN: example",
        "      COMPASS: north",
        "      BYPASS: x",
    ],
)
def test_compose_near_misses(findings: Check, line: str) -> None:
    assert findings(RULE, compose(line)) == []


def test_the_fix_reads_the_variable_and_tells_people(findings: Check) -> None:
    text = compose("      POSTGRES_PASSWORD: 'hunter2'")["src/docker-compose.yml"]
    (found,) = findings(RULE, {"src/docker-compose.yml": text, "src/.env.example": "A=1"})
    assert found.fix is not None
    first, second = found.fix.edits
    assert text[: first.start] + first.text + text[first.end :] == text.replace("hunter2", "${POSTGRES_PASSWORD}")
    assert (second.path, second.text) == ("src/.env.example", "\nPOSTGRES_PASSWORD=change-me\n")


def test_command_line(findings: Check) -> None:
    files = {
        "src/docker-compose.yml": "services:\n  r:\n    image: redis:7\n    command: redis-server --requirepass hunter2\n"
    }
    assert len(findings(RULE, files)) == 1
    files = {
        "src/docker-compose.yml": "services:\n  r:\n    image: redis:7\n    command: redis-server --requirepass ${REDIS_PASSWORD}\n"
    }
    assert findings(RULE, files) == []


@pytest.mark.parametrize(
    "line",
    ["ENV SECRET_KEY=abc123def456", "ARG NPM_TOKEN=" + TOKEN, "ENV DB_PASSWORD hunter2", 'ENV A=1 API_KEY="k3y-9d8f"'],
)
def test_dockerfile_literals(findings: Check, line: str) -> None:
    (found,) = findings(RULE, {"src/a/Dockerfile": f"FROM node:22\n{line}\n"})
    assert found.line == 2


@pytest.mark.parametrize(
    "line",
    [
        "ARG NPM_TOKEN",
        "ENV SECRET_KEY=$SECRET_KEY",
        "ENV SECRET_KEY=build-only",
        "ARG SECRET_KEY=dummy",
        "ENV PHP_OPCACHE=1",
        "RUN SECRET_KEY=x python manage.py collectstatic",
        "ENV GPG_KEY_URL=https://x.org/k",
        "ENV PATH=/x:$PATH",
        "ENV KEYS=1",
    ],
)
def test_dockerfile_near_misses(findings: Check, line: str) -> None:
    assert findings(RULE, {"src/a/Dockerfile": f"FROM node:22\n{line}\n"}) == []


def test_env_files(findings: Check) -> None:
    assert len(findings(RULE, {"src/.env": "UID=1000\nDB_PASSWORD=hunter2\n"})) == 1
    assert (
        len(findings(RULE, {"src/.gitignore": ".env\n"})) == 1
    )  # no repository around it: it was handed over as it is
    assert len(findings(RULE, {"src/backend/.env.production": "STRIPE_SECRET_KEY=whsec9d8f7a6\n"})) == 2


def test_examples_may_hold_what_development_uses_but_no_real_token(findings: Check) -> None:
    example = "DB_PASSWORD=postgres\nJWT_SECRET=dev-secret\nSECRET_KEY=django-insecure-abc\nAWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n"
    assert findings(RULE, {"src/.env.example": example}) == []
    assert len(findings(RULE, {"src/.env.example": f"GITHUB_TOKEN={TOKEN}\n"})) == 1


def test_key_files(findings: Check) -> None:
    (found,) = findings(RULE, {"src/certs/server.key": KEY})
    assert found.path == "src/certs/server.key"
    stub = "-----BEGIN PRIVATE KEY-----\nREPLACE ME\n-----END PRIVATE KEY-----\n"
    assert findings(RULE, {"src/certs/server.key": stub}) == []
    certificate = KEY.replace("RSA PRIVATE KEY", "CERTIFICATE")
    assert findings(RULE, {"src/certs/server.key": certificate, "src/tests/fixtures/x.key": KEY}) == []


def test_ignored_files_are_on_this_disk_only(tmp_path: Path) -> None:
    files = {"src/certs/server.key": KEY, "src/.env": "DB_PASSWORD=hunter2\n", "src/.gitignore": "certs/\n.env\n"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert list(RULE.check(Tree(tmp_path))) == []
    subprocess.run(["git", "-C", str(tmp_path), "add", "-f", "src/.env"], check=True)
    (found,) = RULE.check(Tree(tmp_path))
    assert found.path == "src/.env"


@pytest.mark.parametrize(
    ("test", "count"),
    [
        ('["CMD", "mysqladmin", "ping", "-psecret123"]', 1),
        ('["CMD-SHELL", "mysqladmin ping -u root -proot1"]', 1),
        ('["CMD", "redis-cli", "-a", "hunter2", "ping"]', 1),
        ('["CMD-SHELL", "mysqladmin ping -p$$MYSQL_ROOT_PASSWORD"]', 0),
        ('["CMD", "mysqladmin", "ping", "-h", "localhost", "-p${DB_PASSWORD}"]', 0),
        ('["CMD", "pg_isready", "-p", "5432"]', 0),
        ('["CMD", "redis-cli", "ping"]', 0),
    ],
)
def test_health_checks(findings: Check, test: str, count: int) -> None:
    compose_ = f"services:\n  a:\n    image: b:1\n    healthcheck:\n      test: {test}\n"
    assert len(findings(RULE, {"src/docker-compose.yml": compose_})) == count


def test_a_token_in_a_run(findings: Check) -> None:
    (found,) = findings(RULE, {"src/a/Dockerfile": f"FROM node:22\nRUN echo _authToken={TOKEN} > .npmrc\n"})
    assert found.line == 2


def test_names_and_values() -> None:
    assert is_secret_name("PGPASSWORD")
    assert is_secret_name("dbPassword")
    assert not is_secret_name("COMPASS")
    assert is_stand_in("<secret>")
    assert is_stand_in("${X}")
    assert not is_stand_in("password")
