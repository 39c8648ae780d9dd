"""Names of technologies: canonical, as people write them, and as images and issue texts spell them."""

from __future__ import annotations

import re
from typing import Final

# canonical: (as people write it, other spellings in texts and image names)
_KNOWN: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "postgresql": ("PostgreSQL", ("postgres", "postgis", "pg")),
    "mysql": ("MySQL", ()),
    "mariadb": ("MariaDB", ()),
    "mongodb": ("MongoDB", ("mongo",)),
    "sqlite": ("SQLite", ()),
    "redis": ("Redis", ()),
    "valkey": ("Valkey", ()),
    "memcached": ("Memcached", ("memcache",)),
    "rabbitmq": ("RabbitMQ", ("rabbit",)),
    "kafka": ("Kafka", ("cp-kafka", "apache/kafka")),
    "nats": ("NATS", ()),
    "elasticsearch": ("Elasticsearch", ("elastic",)),
    "nginx": ("nginx", ()),
    "traefik": ("Traefik", ()),
    "caddy": ("Caddy", ()),
    "django": ("Django", ()),
    "fastapi": ("FastAPI", ()),
    "flask": ("Flask", ()),
    "express": ("Express", ("express.js", "expressjs")),
    "nestjs": ("NestJS", ("nest",)),
    "laravel": ("Laravel", ()),
    "rails": ("Rails", ()),
    "spring-boot": ("Spring Boot", ("spring",)),
    "go": ("Go", ("golang",)),
    "react-vite": ("React with Vite", ("react", "vite", "react/vite", "react + vite", "vite/react")),
    "nextjs": ("Next.js", ("next.js", "next")),
    "vue": ("Vue", ("vue.js", "vuejs", "vue-vite")),
    "angular": ("Angular", ()),
    "svelte": ("Svelte", ("sveltekit",)),
    "celery": ("Celery", ()),
    "docker-compose": ("Docker Compose", ("compose",)),
    "kubernetes": ("Kubernetes", ("k8s",)),
    "mailpit": ("Mailpit", ()),
    "minio": ("MinIO", ()),
}


def display(canonical: str) -> str:
    """Return how people write `canonical`; unknown names as they are."""
    return _KNOWN[canonical][0] if canonical in _KNOWN else canonical


def spellings(canonical: str) -> tuple[str, ...]:
    """Return the lower-case spellings by which a text names `canonical`, itself first, longer before shorter."""
    shown, others = _KNOWN.get(canonical, (canonical, ()))
    found = {canonical, shown.lower(), *others}
    return tuple(sorted(found, key=lambda spelling: (-len(spelling), spelling)))


def of_image(image: str) -> str:
    """Return the canonical name of what an image reference holds, or "" where it is none that is known here."""
    stem = re.sub(r"[:@].*$", "", image.rsplit("/", 1)[-1]).lower()
    return next((name for name, (_, others) in _KNOWN.items() if stem == name or stem in others), "")


def known() -> tuple[str, ...]:
    """Return all canonical names."""
    return tuple(_KNOWN)


def image_version(image: str) -> str:
    """Return the leading version number of an image's tag, such as `16` or `7.4`; "" where there is none."""
    name = image.rsplit("/", 1)[-1]
    tag = name.partition(":")[2].partition("@")[0]
    found = re.match(r"v?(\d+(?:\.\d+)*)", tag)
    return found[1] if found else ""
