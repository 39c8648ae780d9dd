"""Environments: what is harmless may be written down, what is secret is only referred to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.blueprint.running import Running
from bot.parse.interpolation import interpolate

REFERENCE: Final = re.compile(r"\$\((\w+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The variables of one service.

    Attributes:
        settings: Values that anybody may read.
        secret: Values in which `$(KEY)` stands for a secret.
        keys: The secrets that they refer to.
    """

    settings: Mapping[str, str]
    secret: Mapping[str, str]
    keys: tuple[str, ...] = ()


def environment(service: Running, examples: Mapping[str, str]) -> Environment:
    """Return the environment of `service`; `examples` are the values that need no secret.

    A variable that compose insists on (`${NAME:?...}`) is a secret.
    """
    settings: dict[str, str] = {}
    secret: dict[str, str] = {}
    keys: dict[str, None] = {}
    for name, value in service.environment.items():
        required = [use.name for use in interpolate(value, examples).uses if use.required]
        here = {**examples, **{key: f"$({key})" for key in required}}
        (secret if required else settings)[name] = interpolate(value, here).text
        keys |= dict.fromkeys(required)
    return Environment(settings=settings, secret=secret, keys=tuple(keys))
