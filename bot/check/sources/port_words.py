"""Ports on a command line: options, addresses, variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

Env = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports that are surely listened on, and whether there may be more (`unsure` says why; "" where not)."""

    known: frozenset[int]
    unsure: str = ""


def option(words: tuple[str, ...], *names: str) -> str | None:
    """Return the last value of an option: `--port 80`, `--port=80`, `-p 80`, `-p80`."""
    found = None
    for index, word in enumerate(words):
        for name in names:
            if word == name and index + 1 < len(words):
                found = words[index + 1]
            elif name.startswith("--") and word.startswith(name + "="):
                found = word[len(name) + 1 :]
            elif not name.startswith("--") and len(name) == 2 and re.fullmatch(re.escape(name) + r"\S*\d+", word):
                found = word[len(name) :].lstrip("=")
    return found


def expanded(text: str, env: Env) -> str | None:
    """Return a shell word with its variables put in; None where one is not known."""
    unknown = False

    def put(match: re.Match[str]) -> str:
        nonlocal unknown
        name, default = match[1] or match[2], match[3]
        if name in env:
            value = env[name]
            unknown = unknown or value is None
            return value or default or ""
        if default is None:
            unknown = True
        return default or ""

    result = re.sub(r"\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})", put, text)
    return None if unknown else result


def port_in(text: str | None, env: Env) -> int | None:
    """Return the port of `8000`, `:8000` or `0.0.0.0:8000`, variables put in."""
    value = expanded(text, env) if text is not None else None
    match = re.fullmatch(r"(?:.*:)?(\d{1,5})", value or "")
    return int(match[1]) if match else None


def given_port(text: str | None, default: int, env: Env, variable: str = "") -> Ports:
    """Ports of a program with a port option, perhaps an environment variable, and a default."""
    if text is not None:
        port = port_in(text, env)
        return Ports(frozenset({port})) if port else Ports(frozenset(), "its port is a variable")
    if variable and variable in env:
        port = port_in(env[variable], env)
        return Ports(frozenset({port})) if port else Ports(frozenset(), f"{variable} is not known")
    return Ports(frozenset({default}))
