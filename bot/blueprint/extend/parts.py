"""Which part of a stack each service plays, told by its image, its build and its command."""

from __future__ import annotations

import re
from typing import Final

from bot.blueprint.skill import Part
from bot.parse.compose import ComposeStack, Service
from bot.parse.nodes import Scalar, Sequence

# The last part of an image's name, and the canonical name of what it holds.
_IMAGES: Final = {
    **dict.fromkeys(("postgres", "postgresql", "postgis", "pgvector", "timescaledb", "timescaledb-ha"), "postgresql"),
    **dict.fromkeys(("mysql", "mysql-server", "percona", "percona-server"), "mysql"),
    "mariadb": "mariadb",
    **dict.fromkeys(("mongo", "mongodb", "mongodb-community-server"), "mongodb"),
    **dict.fromkeys(("redis", "redis-stack", "redis-stack-server", "valkey", "keydb", "dragonfly"), "redis"),
    "memcached": "memcached",
    "rabbitmq": "rabbitmq",
    **dict.fromkeys(("kafka", "cp-kafka", "redpanda"), "kafka"),
    **dict.fromkeys(("nginx", "nginx-unprivileged", "openresty"), "nginx"),
    "traefik": "traefik",
    "caddy": "caddy",
    "minio": "minio",
    "mailpit": "mailpit",
    "adminer": "adminer",
}
_PARTS: Final[dict[str, tuple[Part, ...]]] = {
    **dict.fromkeys(("postgresql", "mysql", "mariadb", "mongodb"), ("database",)),
    "redis": ("cache", "queue"),
    "memcached": ("cache",),
    **dict.fromkeys(("rabbitmq", "kafka"), ("queue",)),
    **dict.fromkeys(("nginx", "traefik", "caddy"), ("proxy",)),
    **dict.fromkeys(("minio", "mailpit", "adminer"), ("extra",)),
}
_WORKER: Final = re.compile(
    r"\b(?:celery\b.*\bworker|workers?|sidekiq|queue:work|horizon|rqworker|rq|dramatiq|consumer)\b"
)
_FRONTEND: Final = re.compile(r"front|\bweb-?ui\b|\bclient\b|\bui\b|\bspa\b")
_ONE_SHOT: Final = re.compile(r"migrat|\bseed|\binit\b|setup")


def played(stack: ComposeStack) -> dict[str, tuple[tuple[Part, str], ...]]:
    """Return, by the name of the service, the parts it plays, each with the canonical name, "" where that is open."""
    return {service.name: _played(service, service.name in stack.one_shots) for service in stack.services}


def _played(service: Service, one_shot: bool) -> tuple[tuple[Part, str], ...]:  # noqa: FBT001 - a fact of the service
    if service.build is None:
        name = _IMAGES.get(service.image_name, "")
        return tuple((part, name) for part in _PARTS.get(name, ()))
    if one_shot or _ONE_SHOT.search(service.name):
        return ()
    called = f"{service.name} {_text(service.command)}".lower()
    if _WORKER.search(called):
        return (("worker", ""),)
    if re.search(r"\b(?:beat|scheduler|cron)\b", called):
        return ()
    folder = (service.build.context or "").rpartition("/")[2]
    if _FRONTEND.search(f"{service.name} {folder}".lower()):
        return (("frontend", ""),)
    if re.search(r"\b(?:nginx|proxy|gateway|caddy|traefik)\b", f"{service.name} {folder}".lower()):
        return (("proxy", ""),)
    return (("backend", ""),)


def _text(command: object) -> str:
    if isinstance(command, Scalar):
        return command.text
    if isinstance(command, Sequence):
        return " ".join(item.text for item in command.items if isinstance(item, Scalar))
    return ""
