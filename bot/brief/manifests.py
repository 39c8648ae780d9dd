"""Reads manifests: package lists, compose files and deployment descriptions say what a project is really made of."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.brief.documents import read_inside
from bot.brief.lexicon import topics
from bot.brief.mention import Mention

_SKIP: Final = frozenset(
    {
        "node_modules",
        "vendor",
        "dist",
        "build",
        "venv",
        ".venv",
        "__pycache__",
        "target",
        "examples",
        "example",
        "fixtures",
        "testdata",
        "templates",
        "tests",
        "test",
    }
)
_DEEPEST: Final = 4
_MOST: Final = 60

# Dependency -> names. One table for all ecosystems; a name may imply a role.
_PACKAGES: Final[dict[str, tuple[str, ...]]] = {
    "express": ("express",), "@nestjs/core": ("nestjs",), "fastify": ("fastify",), "hono": ("hono",), "koa": ("koa",), "next": ("nextjs",), "nuxt": ("nuxt",), "@sveltejs/kit": ("sveltekit",),
    "@angular/core": ("angular",), "react": ("react-vite",), "vue": ("vue-vite",), "svelte": ("svelte-vite",), "astro": ("astro",), "pg": ("postgresql",), "postgres": ("postgresql",), "mysql2": ("mysql",), "mysql": ("mysql",), "mariadb": ("mariadb",),
    "mongoose": ("mongodb",), "mongodb": ("mongodb",), "better-sqlite3": ("sqlite",), "sqlite3": ("sqlite",), "ioredis": ("redis",), "redis": ("redis",), "bullmq": ("bullmq",), "bull": ("bullmq",), "amqplib": ("rabbitmq",), "kafkajs": ("kafka",), "nats": ("nats",), "memjs": ("memcached",),
    "django": ("django",), "fastapi": ("fastapi",), "flask": ("flask",), "psycopg": ("postgresql",), "psycopg2": ("postgresql",), "psycopg2-binary": ("postgresql",), "asyncpg": ("postgresql",), "mysqlclient": ("mysql",), "pymysql": ("mysql",), "pymongo": ("mongodb",), "motor": ("mongodb",),
    "aiosqlite": ("sqlite",), "celery": ("celery",), "rq": ("rq",), "arq": ("arq",), "dramatiq": ("dramatiq",), "django-redis": ("redis",), "pymemcache": ("memcached",), "pika": ("rabbitmq",), "aio-pika": ("rabbitmq",), "confluent-kafka": ("kafka",), "aiokafka": ("kafka",), "kafka-python": ("kafka",), "nats-py": ("nats",), "streamlit": ("streamlit",),
    "laravel/framework": ("laravel",), "symfony/framework-bundle": ("symfony",), "codeigniter4/framework": ("codeigniter",), "predis/predis": ("redis",), "laravel/horizon": ("horizon",), "rails": ("rails",), "sidekiq": ("sidekiq",), "mongoid": ("mongodb",), "sinatra": ("sinatra",),
    "spring-boot-starter-web": ("spring-boot",), "spring-boot-starter-data-redis": ("redis",), "postgresql": ("postgresql",), "mysql-connector-j": ("mysql",), "spring-kafka": ("kafka",), "spring-boot-starter-amqp": ("rabbitmq",),
    "github.com/gin-gonic/gin": ("go",), "github.com/gofiber/fiber": ("go",), "github.com/go-chi/chi": ("go",), "github.com/labstack/echo": ("go",), "github.com/jackc/pgx": ("postgresql",), "github.com/lib/pq": ("postgresql",), "github.com/go-sql-driver/mysql": ("mysql",), "go.mongodb.org/mongo-driver": ("mongodb",),
    "github.com/redis/go-redis": ("redis",), "github.com/go-redis/redis": ("redis",), "github.com/hibiken/asynq": ("asynq",), "github.com/rabbitmq/amqp091-go": ("rabbitmq",), "github.com/segmentio/kafka-go": ("kafka",), "github.com/nats-io/nats.go": ("nats",), "github.com/mattn/go-sqlite3": ("sqlite",),
    "axum": ("axum",), "actix-web": ("actix",), "rocket": ("rocket",),
}  # fmt: skip
_IMAGES: Final[dict[str, str]] = {
    "postgres": "postgresql", "postgis/postgis": "postgresql", "pgvector/pgvector": "postgresql", "timescale/timescaledb": "postgresql", "mysql": "mysql", "mariadb": "mariadb", "mongo": "mongodb", "redis": "redis", "valkey/valkey": "valkey", "memcached": "memcached", "rabbitmq": "rabbitmq",
    "apache/kafka": "kafka", "confluentinc/cp-kafka": "kafka", "bitnami/kafka": "kafka", "nats": "nats", "nginx": "nginx", "traefik": "traefik", "caddy": "caddy", "haproxy": "haproxy", "minio/minio": "minio", "axllent/mailpit": "mailpit", "mailhog/mailhog": "mailhog", "adminer": "adminer",
    "elasticsearch": "elasticsearch", "qdrant/qdrant": "qdrant", "clickhouse/clickhouse-server": "clickhouse", "neo4j": "neo4j",
}  # fmt: skip
_QUOTED: Final = re.compile(r"[\"']([A-Za-z0-9_.@/-]+)[\"']\s*:")
_REQUIREMENT: Final = re.compile(
    r"^\s*[\"']?([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*(?:[=<>~!^]|[\"',;]|$|@|\s#)"
)
_GEM: Final = re.compile(r"^\s*gem\s+[\"']([\w-]+)[\"']")
_ARTIFACT: Final = re.compile(r"<artifactId>\s*([\w.-]+)\s*</artifactId>|[\"']([\w.-]+:)([\w.-]+)(?::[^\"']*)?[\"']")
_MODULE: Final = re.compile(r"^\s*(?:require\s+)?((?:[\w.-]+\.)+[\w]+/[\w./-]+?)(?:/v\d+)?\s+v\d")
_CRATE: Final = re.compile(r"^\s*([a-z0-9_-]+)\s*=\s*")
_IMAGE: Final = re.compile(
    r"^\s*(?:-\s*)?image:\s*[\"']?(?:docker\.io/)?(?:library/)?([\w./-]+?)(?::[\w.${}:-]+)?(?:@sha256:\w+)?[\"']?\s*(?:#.*)?$"
)


@dataclass(frozen=True, slots=True)
class Manifests:
    """What the manifests say, and which could not be read."""

    mentions: tuple[Mention, ...]
    notes: tuple[str, ...]


def read_manifests(root: Path) -> Manifests:
    """Read the manifests in `root`, four folders deep, dependencies of others and examples left out."""
    mentions: list[Mention] = []
    notes: list[str] = []
    for path in _walk(root):
        reader = _reader(path)
        if reader is None:
            continue
        document, note = read_inside(root, path)
        if note:
            notes.append(note)
        if document:
            mentions += reader(document.path, document.text)
    return Manifests(tuple(mentions), tuple(notes))


def _walk(root: Path) -> Iterator[Path]:
    count = 0
    for folder, folders, names in os.walk(root, followlinks=False):
        depth = len(Path(folder).relative_to(root).parts)
        folders[:] = (
            sorted(name for name in folders if name not in _SKIP and not name.startswith("."))
            if depth < _DEEPEST
            else []
        )
        for name in sorted(names):
            path = Path(folder, name)
            if _reader(path) is not None:
                count += 1
                if count > _MOST:
                    return
                yield path


_Reader = Callable[[str, str], Iterator[Mention]]


def _reader(path: Path) -> _Reader | None:
    name = path.name
    if re.fullmatch(r"(?:docker-)?compose[\w.-]*\.ya?ml", name):
        return _compose
    if re.fullmatch(r"requirements[\w.-]*\.txt", name):
        return _requirements
    if name == "Dockerfile" or name.startswith("Dockerfile."):
        return _dockerfile
    if name.endswith((".yaml", ".yml")) and path.parent.name in {"k8s", "kubernetes", "manifests"}:
        return _kubernetes
    if name.endswith(".csproj"):
        return _dotnet
    return _BY_NAME.get(name)


def _mention(name: str, path: str, line: int, quote: str, *, weight: float = 1.0) -> Mention:
    return Mention(
        name=name,
        topic=topics().get(name, "extra"),
        path=path,
        line=line,
        quote=" ".join(quote.split())[:160],
        stance="asserted",
        weight=weight,
        local=True,
        source="manifest",
    )


def _listed(pattern: re.Pattern[str]) -> _Reader:
    def read(path: str, text: str) -> Iterator[Mention]:
        for number, line in enumerate(text.split("\n"), 1):
            match = pattern.match(line)
            if match:
                for name in _PACKAGES.get(match[1].lower(), ()):
                    yield _mention(name, path, number, line)

    return read


def _package_json(path: str, text: str) -> Iterator[Mention]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return
    wanted: dict[str, object] = {}
    if isinstance(parsed, dict):
        for key in ("dependencies", "devDependencies"):
            group = parsed.get(key)
            if isinstance(group, dict):
                wanted |= group
    if "react-native" in wanted or "expo" in wanted or "electron" in wanted:
        wanted.pop("react", None)
    for number, line in enumerate(text.split("\n"), 1):
        for match in _QUOTED.finditer(line):
            if match[1] in wanted:
                for name in _PACKAGES.get(match[1], ()):
                    yield _mention(name, path, number, line)


def _artifacts(path: str, text: str) -> Iterator[Mention]:
    for number, line in enumerate(text.split("\n"), 1):
        for match in _ARTIFACT.finditer(line):
            for name in _PACKAGES.get((match[1] or match[3]).lower(), ()):
                yield _mention(name, path, number, line)


def _modules(path: str, text: str) -> Iterator[Mention]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("module "):
            yield _mention("go", path, number, line, weight=0.8)
        match = _MODULE.match(line)
        if match:
            names = next(
                (names for known, names in _PACKAGES.items() if match[1].startswith(known) and "/" in known), ()
            )
            for name in names:
                yield _mention(name, path, number, line)


def _compose(path: str, text: str) -> Iterator[Mention]:
    yield _mention("docker-compose", path, 1, text.split("\n", 1)[0] or path)
    yield from _images(path, text)


def _kubernetes(path: str, text: str) -> Iterator[Mention]:
    if "apiVersion:" in text and "kind:" in text:
        yield _mention("kubernetes", path, 1, text.split("\n", 1)[0])
        yield from _images(path, text)


def _images(path: str, text: str) -> Iterator[Mention]:
    for number, line in enumerate(text.split("\n"), 1):
        match = _IMAGE.match(line)
        name = _IMAGES.get(match[1]) if match else None
        if name:
            yield _mention(name, path, number, line)


def _dockerfile(path: str, text: str) -> Iterator[Mention]:
    yield _mention("docker", path, 1, text.split("\n", 1)[0] or path, weight=0.8)


def _dotnet(path: str, text: str) -> Iterator[Mention]:
    for number, line in enumerate(text.split("\n"), 1):
        if "Microsoft.NET.Sdk.Web" in line:
            yield _mention("aspnet-core", path, number, line)
        if "Npgsql" in line:
            yield _mention("postgresql", path, number, line)


def _whole(name: str, weight: float = 1.0) -> _Reader:
    def read(path: str, text: str) -> Iterator[Mention]:
        yield _mention(name, path, 1, text.split("\n", 1)[0] or path, weight=weight)

    return read


_BY_NAME: Final[dict[str, _Reader]] = {
    "package.json": _package_json,
    "composer.json": _listed(_QUOTED),
    "pyproject.toml": _listed(_REQUIREMENT),
    "Pipfile": _listed(_REQUIREMENT),
    "Gemfile": _listed(_GEM),
    "Cargo.toml": _listed(_CRATE),
    "pom.xml": _artifacts,
    "build.gradle": _artifacts,
    "build.gradle.kts": _artifacts,
    "go.mod": _modules,
    "vercel.json": _whole("vercel"),
    "serverless.yml": _whole("serverless"),
    "serverless.yaml": _whole("serverless"),
    "wrangler.toml": _whole("serverless"),
    "netlify.toml": _whole("netlify"),
    "Chart.yaml": _whole("kubernetes"),
    "kustomization.yaml": _whole("kubernetes"),
    "Caddyfile": _whole("caddy"),
}
_BY_NAME["requirements.txt"] = _listed(_REQUIREMENT)
_requirements = _BY_NAME["requirements.txt"]
_BY_NAME["composer.json"] = _listed(re.compile(r"^\s*[\"']([\w./-]+)[\"']\s*:"))
