"""Traefik in a stack: the proxy itself, and the services that its labels enable."""

from __future__ import annotations

from bot.parse.compose import ComposeStack, Service
from bot.parse.compose_parts import Pair


def enabled(service: Service) -> bool:
    """Whether the service says `traefik.enable=true`."""
    label = service.label("traefik.enable")
    return label is not None and (label.value or "").strip().lower() == "true"


def proxies(stack: ComposeStack) -> tuple[Service, ...]:
    """Return the services that are Traefik itself."""
    return tuple(service for service in stack.services if service.image_name == "traefik")


def labels_of(service: Service, kind: str, name: str) -> tuple[Pair, ...]:
    """Return the labels `traefik.<http|tcp|udp>.<kind>.*.<name>`, whatever the router or service in it is called."""
    found = []
    for label in service.labels:
        parts = label.name.lower().split(".")
        known = len(parts) >= 5 and parts[0] == "traefik" and parts[1] in {"http", "tcp", "udp"}
        if known and parts[2] == kind and ".".join(parts[4:]) == name:
            found.append(label)
    return tuple(found)
