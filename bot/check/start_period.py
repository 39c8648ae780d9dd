"""How long services may need to start, at least, before a failing check means anything."""

from __future__ import annotations

from typing import Final

from bot.check.images import base_name
from bot.parse.compose import Service
from bot.parse.dockerfile_image import BuiltImage

_POSTGRES: Final = frozenset({"postgres", "postgis", "pgvector", "timescaledb", "timescaledb-ha", "postgresql"})


def floor_of(service: Service | None, image: BuiltImage | None) -> tuple[str, int]:
    """Return what a service runs on, in words, and its floor in seconds; ("", 0) where nothing is known of it."""
    name = base_name(image.base) if image is not None else ""
    if image is None and service is not None and service.build is None:
        name = service.image_name
    if name in _POSTGRES:
        return "PostgreSQL", 10
    if name == "node":
        return "Node", 30
    if name == "php":
        return "PHP", 60
    return "", 0
