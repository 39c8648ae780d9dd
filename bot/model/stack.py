"""The Stack: the services that a change builds, as the reader of a pull request wants to see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["backend", "frontend", "database", "cache", "queue", "worker", "proxy", "one-shot", "other"]
Wait = Literal["service_started", "service_healthy", "service_completed_successfully"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """`depends_on`: another service, and what is waited for."""

    service: str
    condition: Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A published port: `published` on the host (0 where Docker picks one), `target` in the container."""

    published: int
    target: int
    protocol: Literal["tcp", "udp"] = "tcp"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackService:
    """One service of the resolved compose file.

    Attributes:
        name: Its key in the compose file.
        role: What it is for; decided from image, build and dependencies.
        image: The image reference, or "" for an own build.
        build: The build context relative to the repository, such as `src/backend`, or "".
        target: The build stage, or "".
        ports: Published ports, in file order.
        listens: Container ports it exposes or is probed on.
        check: The health check's command in one line, or "" where there is none.
        check_words: The check in words, such as "`GET /health`: database and cache answer"; "" where unknown.
        check_in: Where the check is defined, `path:line`, or "".
        needs: What it waits for.
        volumes: Named volumes it mounts.
        one_shot: It is meant to end.
    """

    name: str
    role: Role = "other"
    image: str = ""
    build: str = ""
    target: str = ""
    ports: tuple[Port, ...] = ()
    listens: tuple[int, ...] = ()
    check: str = ""
    check_words: str = ""
    check_in: str = ""
    needs: tuple[Need, ...] = ()
    volumes: tuple[str, ...] = ()
    one_shot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """All services in file order, and the compose file they were read from (relative to the repository)."""

    path: str
    services: tuple[StackService, ...]
