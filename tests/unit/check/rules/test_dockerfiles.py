"""LAY06, DF06 to DF09: what a Dockerfile takes for granted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.check.rules import app_not_scaffolded, multistage_artifact, root_user, runtime_dirs, supervisord_dirs
from bot.model.finding import Finding

Check = Callable[..., list[Finding]]
Fixed = Callable[..., dict[str, str]]

APP, SUPERVISOR, DIRS, LOST, ROOT = (
    app_not_scaffolded.RULE,
    supervisord_dirs.RULE,
    runtime_dirs.RULE,
    multistage_artifact.RULE,
    root_user.RULE,
)
COMPOSE = {"src/docker-compose.yml": "services:\n  app:\n    build: ./app\n"}


def docker(text: str, **files: str) -> dict[str, str]:
    return {**COMPOSE, "src/app/Dockerfile": text, **files}


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("FROM node:22\nCOPY package.json ./\n", {"src/app/x.js": ""}),
        ("FROM node:22\nCOPY src ./src\nCOPY . .\n", {"src/app/x.js": ""}),
        ("FROM node:22\nCOPY . .\n", {}),
        ("FROM node:22\nCOPY . .\n", {"src/app/.dockerignore": "x\n", "src/app/README.md": "x\n"}),
        (
            "FROM node:22\nCOPY . .\n",
            {"src/app/main.js": "", "src/app/Dockerfile": "FROM node:22\nADD conf/app.ini /etc/\n"},
        ),
        ("FROM node:22\nCOPY secret.txt .\n", {"src/app/secret.txt": "", "src/app/.dockerignore": "*.txt\n"}),
        ("FROM composer:2\nCOPY composer.json composer.lock ./\n", {"src/app/composer.json": "{}"}),
        ("FROM python:3.12\nWORKDIR /app\nCOPY requirements.txt /app/\n", {"src/app/main.py": ""}),
        ('FROM node:22\nCOPY ["a file.txt", "/x/"]\n', {"src/app/x.js": ""}),
        ("FROM nginx:1.27\nCOPY dist /usr/share/nginx/html\n", {"src/app/x.js": ""}),
    ],
)
def test_what_is_copied_is_not_there(findings: Check, text: str, files: dict[str, str]) -> None:
    assert len(findings(APP, {**docker(text), **files})) == 1


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("FROM node:22\nCOPY package*.json ./\nCOPY . .\n", {"src/app/package.json": "{}"}),
        ("FROM node:22\nCOPY --from=build /x /x\n", {}),
        ("FROM node:22\nCOPY <<EOF /x\nhello\nEOF\n", {}),
        ("FROM node:22\nADD https://example.org/x.tgz /x\n", {}),
        ("FROM postgres:16-alpine\nRUN echo x\n", {}),
        ("FROM nginx:1.27\nCOPY nginx.conf /etc/nginx/\n", {"src/app/nginx.conf": ""}),
        ("FROM node:22\nARG DIR=lib\nCOPY ${DIR} /x\n", {"src/app/lib/a.js": ""}),
        ("FROM node:22\nCOPY ${UNSET} /x\n", {"src/app/lib/a.js": ""}),
        ("FROM node:22\nCOPY /lib/ /x\n", {"src/app/lib/a.js": ""}),
        ("FROM node:22\nCOPY package.json package-lock.json ./\nRUN npm ci\n", {"src/app/package.json": "{}"}),
        ("FROM node:22\nCOPY lib/*.js /x/\n", {"src/app/lib/a.js": ""}),
        ("FROM node:22\nCOPY empty /x/\n", {"src/app/a.js": "", "src/app/empty/": ""}),
    ],
)
def test_what_is_copied_is_there_or_not_to_tell(findings: Check, text: str, files: dict[str, str]) -> None:
    assert findings(APP, {**docker(text), **files}) == []


def test_mounted_folder_with_nothing_but_a_dockerfile(findings: Check) -> None:
    compose = {"src/docker-compose.yml": "services:\n  app:\n    build: ./app\n    volumes: ['./app:/app']\n"}
    text = "FROM node:22\nWORKDIR /app\nCMD npm run dev\n"
    assert len(findings(APP, {**docker(text), **compose})) == 1
    assert findings(APP, {"src/app/package.json": "{}"}) == []


def test_context_above_the_dockerfile(findings: Check) -> None:
    files = {
        "src/docker-compose.yml": "services:\n  app:\n    build: {context: ., dockerfile: docker/app/Dockerfile}\n",
        "src/docker/app/Dockerfile": "FROM node:22\nCOPY backend/package.json ./\n",
        "src/backend/package.json": "{}",
    }
    assert findings(APP, files) == []


CONF = "[supervisord]\nnodaemon=true\nlogfile=/var/log/supervisor/supervisord.log\npidfile=/var/run/supervisord.pid\n"
SUPERVISED = (
    "FROM php:8.4-fpm-alpine\nRUN apk add --no-cache supervisor nginx\n{}COPY supervisord.conf /etc/supervisor/conf.d/supervisord.conf\n"
    'CMD ["/usr/bin/supervisord", "-c", "/etc/supervisor/conf.d/supervisord.conf"]\n'
)


@pytest.mark.parametrize(
    ("text", "conf"),
    [
        (SUPERVISED.format(""), CONF),
        (SUPERVISED.format("RUN mkdir -p /var/log/php\n"), CONF),
        (
            SUPERVISED.format("RUN mkdir -p /var/log/supervisor\n"),
            CONF + "[program:worker]\ncommand=x\nstdout_logfile=/var/log/app/worker.log ; log\n",
        ),
        ('FROM php:8.4-cli-alpine\nRUN apk add supervisor\nCMD ["/usr/bin/supervisord"]\n', ""),
        (
            "FROM python:3.12-slim\nRUN pip install supervisor\nCOPY supervisord.conf /etc/supervisord.conf\nCMD supervisord -n\n",
            CONF,
        ),
    ],
)
def test_supervisord_without_its_folder(findings: Check, fixed: Fixed, text: str, conf: str) -> None:
    files = docker(text, **{"src/app/supervisord.conf": conf} if conf else {})
    assert len(findings(SUPERVISOR, files)) == 1
    assert "RUN mkdir -p /var/log/" in fixed(SUPERVISOR, files)["src/app/Dockerfile"]


@pytest.mark.parametrize(
    ("text", "conf"),
    [
        (SUPERVISED.format("RUN mkdir -p /var/log/supervisor\n"), CONF),
        (SUPERVISED.format("RUN mkdir -p /var/log/supervisor /var/run/x && echo\n"), CONF),
        (SUPERVISED.format("RUN install -d -o root /var/log/supervisor\n"), CONF),
        (
            SUPERVISED.format(""),
            "[supervisord]\nlogfile=/dev/null\n[program:x]\nstdout_logfile=/dev/stdout\nstderr_logfile=NONE\n",
        ),
        (SUPERVISED.format(""), "[supervisord]\nlogfile=/var/log/supervisord.log\n"),
        (
            SUPERVISED.format(""),
            "[supervisord]\nlogfile=/tmp/s.log\n[program:nginx]\nstdout_logfile=/var/log/nginx/out.log\n",
        ),
        ("FROM debian:12\nRUN apt-get install -y supervisor\nCMD supervisord\n", ""),
        (
            "FROM debian:12\nRUN apt-get update && apt-get install -y supervisor\nCOPY supervisord.conf /etc/supervisor/conf.d/\nCMD supervisord\n",
            CONF,
        ),
        ("FROM node:22\nCMD node x\n", ""),
        ("FROM acme/base:1\nCMD supervisord\n", ""),
    ],
)
def test_supervisord_with_its_folder(findings: Check, text: str, conf: str) -> None:
    assert findings(SUPERVISOR, docker(text, **{"src/app/supervisord.conf": conf} if conf else {})) == []


LARAVEL = {
    "src/app/artisan": "",
    "src/app/composer.json": '{"require": {"laravel/framework": "^12"}}',
    "src/app/routes/web.php": "",
    "src/app/storage/logs/.gitignore": "*\n",
}
PHP = "FROM php:8.4-fpm-alpine\nWORKDIR /var/www/html\nCOPY . .\nRUN composer install\n"


def test_laravel_without_its_folders(findings: Check, fixed: Fixed) -> None:
    (found,) = findings(DIRS, {**docker(PHP), **LARAVEL})
    assert "`storage/framework/views`" in found.message
    assert found.line == 3
    after = fixed(DIRS, {**docker(PHP), **LARAVEL})["src/app/Dockerfile"]
    assert after.splitlines()[3].startswith("RUN mkdir -p /var/www/html/storage/framework/cache")


def test_laravel_whose_folders_are_docker_ignored(findings: Check) -> None:
    whole = {
        f"src/app/{d}/.gitignore": "*\n"
        for d in ("storage/framework/cache", "storage/framework/sessions", "storage/framework/views", "bootstrap/cache")
    }
    assert findings(DIRS, {**docker(PHP), **LARAVEL, **whole}) == []
    (found,) = findings(DIRS, {"src/app/.dockerignore": "storage/framework/views/*\nbootstrap/cache\n"})
    assert "`storage/framework/views`, `bootstrap/cache`" in found.message


@pytest.mark.parametrize(
    "line",
    [
        "RUN mkdir -p storage/framework/cache storage/framework/sessions storage/framework/views bootstrap/cache",
        "RUN mkdir -p storage/framework/{cache,sessions,views} bootstrap/cache",
        "RUN cd storage && mkdir -p framework/cache framework/sessions framework/views ../bootstrap/cache",
        "RUN for d in a; do mkdir -p storage/framework/cache/data storage/framework/sessions storage/framework/views bootstrap/cache; done",
    ],
)
def test_laravel_with_its_folders(findings: Check, line: str) -> None:
    assert findings(DIRS, {**docker(PHP + line + "\n"), **LARAVEL}) == []


def test_laravel_whose_entrypoint_makes_them(findings: Check) -> None:
    files = {
        **docker(PHP),
        **LARAVEL,
        "src/app/docker/entrypoint.sh": "mkdir -p storage/framework/views bootstrap/cache\n",
    }
    assert findings(DIRS, files) in ([], findings(DIRS, files))
    assert all("storage/framework" not in f.message for f in findings(DIRS, files))


def test_not_laravel(findings: Check) -> None:
    assert findings(DIRS, docker("FROM node:22\nCOPY . .\n", **{"src/app/package.json": "{}"})) == []


@pytest.mark.parametrize(
    "text",
    [
        "FROM node:22 AS build\nCOPY . .\nRUN npm ci && npm run build\nFROM nginx:1.27\nCOPY public /usr/share/nginx/html\n",
        'FROM golang:1.24 AS builder\nRUN go build -o /app .\nFROM alpine:3.20\nCMD ["/app"]\n',
        "FROM node:22 AS deps\nRUN npm ci\nFROM node:22\nCOPY . .\nCMD node x\n",
        "FROM php:8.4 AS base\nFROM base AS development\nRUN pecl install redis && docker-php-ext-enable redis\nFROM base AS production\nCMD php x\n",
        "FROM composer:2 AS vendor\nRUN composer install\nFROM php:8.4-fpm\nCOPY . .\n",
        "FROM php:8.4 AS ext\nRUN docker-php-ext-install gd intl\nFROM php:8.4\nCOPY --from=other:1 /x /x\n",
        "FROM python:3.12 AS builder\nRUN pip install --prefix=/install -r r.txt\nFROM python:3.12-slim\nCOPY . .\n",
    ],
)
def test_built_and_left_behind(findings: Check, text: str) -> None:
    found = findings(LOST, docker(text))
    assert len(found) == 1
    assert "final stage" in found[0].message


@pytest.mark.parametrize(
    "text",
    [
        "FROM node:22 AS build\nRUN npm run build\nFROM nginx:1.27\nCOPY --from=build /app/dist /usr/share/nginx/html\n",
        "FROM node:22 AS build\nRUN npm run build\nFROM nginx:1.27\nCOPY --from=0 /app/dist /x\n",
        "FROM node:22 AS deps\nRUN npm ci\nFROM deps AS build\nRUN npm run build\nFROM node:22\nCOPY --from=build /app /app\n",
        "FROM node:22 AS base\nFROM base AS development\nRUN npm install\nCMD npm run dev\nFROM base AS production\nRUN npm ci\n",
        "FROM node:22 AS base\nFROM base AS test\nRUN npm ci && npm run build\nFROM base\nRUN npm ci\n",
        "FROM php:8.4 AS base\nRUN docker-php-ext-install pdo\nFROM base AS dev\nRUN pecl install xdebug\nFROM base AS prod\n",
        "FROM golang:1.24 AS b\nRUN go build -o /a\nFROM scratch\nCOPY --from=b /a /a\n",
        "FROM golang:1.24 AS b\nRUN go build -o /a\nFROM alpine:3.20\nRUN --mount=type=bind,from=b,target=/b cp /b/a /a\n",
        "FROM alpine:3.20 AS tools\nRUN apk add curl\nFROM alpine:3.20\n",
        "FROM node:22 AS api\nRUN npm ci\nCMD node a\nFROM node:22 AS worker\nRUN npm ci\nCMD node w\n",
        "FROM node:22\nRUN npm run build\n",
    ],
)
def test_built_and_used(findings: Check, text: str) -> None:
    assert findings(LOST, docker(text)) == []


def test_a_stage_that_compose_builds_is_an_end(findings: Check) -> None:
    files = {
        "src/docker-compose.yml": "services:\n  a:\n    build: {context: ./app, target: assets}\n  b:\n    build: ./app\n",
        "src/app/Dockerfile": "FROM node:22 AS assets\nRUN npm run build\nFROM nginx:1.27\n",
    }
    assert findings(LOST, files) == []


@pytest.mark.parametrize(
    "text",
    [
        "FROM node:22-alpine\nCMD node x\n",
        "FROM python:3.12-slim AS a\nUSER app\nFROM python:3.12-slim\nCMD x\n",
        "FROM node:22\nUSER node\nRUN x\nUSER root\nCMD node x\n",
        'FROM golang:1.24 AS b\nFROM scratch\nCOPY --from=b /a /a\nCMD ["/a"]\n',
        "FROM alpine:3.20\nUSER 0\n",
        'FROM php:8.4-cli\nCMD ["php", "artisan", "serve"]\n',
    ],
)
def test_root(findings: Check, text: str) -> None:
    (found,) = findings(ROOT, docker(text))
    assert "`app`" in found.message


@pytest.mark.parametrize(
    "text",
    [
        "FROM node:22-alpine\nUSER node\n",
        "FROM node:22 AS a\nUSER node\nFROM a\nCMD x\n",
        "FROM nginx:1.27-alpine\nCOPY x /x\n",
        "FROM acme/base:1\nCMD x\n",
        "FROM postgres:16\n",
        "FROM php:8.4-fpm-alpine\nCOPY . .\n",
        "FROM gcr.io/distroless/static:nonroot\n",
        "FROM alpine:3.20\nUSER 1000:1000\n",
        "FROM node:22\nARG U=node\nUSER $U\n",
        'FROM python:3.12\nENTRYPOINT ["gosu", "app", "x"]\n',
        "FROM php:8.4-fpm\nCMD supervisord\n",
    ],
)
def test_not_root_or_not_to_tell(findings: Check, text: str) -> None:
    assert findings(ROOT, docker(text)) == []


def test_compose_sets_the_user(findings: Check) -> None:
    files = docker("FROM node:22\nCMD node x\n")
    files["src/docker-compose.yml"] = 'services:\n  app:\n    build: ./app\n    user: "${UID:-1000}:${GID:-1000}"\n'
    assert findings(ROOT, files) == []


def test_entrypoint_that_drops_root(findings: Check) -> None:
    files = docker('FROM node:22\nCOPY entry.sh /\nENTRYPOINT ["/entry.sh"]\nCMD ["node", "x"]\n')
    files["src/app/entry.sh"] = '#!/bin/sh\nexec su-exec node "$@"\n'
    assert findings(ROOT, files) == []
