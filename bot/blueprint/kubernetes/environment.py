"""Environments: what is harmless goes into a ConfigMap, what is secret is only referred to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.blueprint.running import Running
from bot.parse.interpolation import interpolate


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The variables of one service.

    Attributes:
        settings: Values that anybody may read.
        secret: Entries of a container's `env`, in an order in which each may refer to those before it.
        keys: The keys that the Secret must have.
    """

    settings: Mapping[str, str]
    secret: tuple[Mapping[str, Any], ...] = ()
    keys: tuple[str, ...] = ()


def environment(service: Running, examples: Mapping[str, str], secret_name: str) -> Environment:
    """Return the environment of `service`; `examples` are the values that need no secret.

    A variable that compose insists on (`${NAME:?...}`) is a secret. A value that only contains one is put together in
    the pod, where Kubernetes replaces `$(NAME)`.
    """
    settings: dict[str, str] = {}
    secret: list[Mapping[str, Any]] = []
    keys: dict[str, None] = {}
    for name, value in service.environment.items():
        uses = interpolate(value, examples).uses
        required = tuple(use.name for use in uses if use.required)
        if not required:
            settings[name] = interpolate(value, examples).text
            continue
        keys |= dict.fromkeys(required)
        if len(uses) == 1 and (uses[0].start, uses[0].end) == (0, len(value)):
            secret.append(_reference(name, required[0], secret_name))
            continue
        secret += [_reference(one, one, secret_name) for one in required]
        here = {**examples, **{one: f"$({one})" for one in required}}
        secret.append({"name": name, "value": interpolate(value, here).text})
    unique = {entry["name"]: entry for entry in secret}
    return Environment(settings=settings, secret=tuple(unique.values()), keys=tuple(keys))


def _reference(name: str, key: str, secret_name: str) -> Mapping[str, Any]:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret_name, "key": key}}}
