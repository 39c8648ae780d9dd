"""The resolved compose model: what Compose makes of the stack's files, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.verify.compose import Compose


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What `docker compose config` said.

    Attributes:
        config: The resolved model; None where the files are not valid.
        error: Why not, Compose's words.
        warnings: What it said beside the model, such as variables that are not set.
        left_out: Services of profiles that are not active.
    """

    config: Mapping[str, Any] | None
    error: str = ""
    warnings: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def resolve(compose: Compose, file: Path) -> Resolved:
    """Resolve the stack of `file`; profiles that nothing activates stay off, and are named.

    Raises:
        EngineUnavailableError: Compose is not installed.
    """
    status, output, words = compose.read("config", "--format", "json")
    said = tuple(line for line in (_plain(line) for line in words.splitlines()) if line)
    if status:
        return Resolved(config=None, error="\n".join(said) or f"docker compose config ended with {status}")
    config = json.loads(output)
    config["services"] = _in_file_order(config.get("services") or {}, file)
    left_out: tuple[str, ...] = ()
    if "profiles" in file.read_text("utf-8", "replace"):
        status, every, _ = compose.read("--profile", "*", "config", "--services")
        if not status:
            active = set(config.get("services") or {})
            left_out = tuple(sorted(set(every.decode().split()) - active))
    return Resolved(config=config, warnings=said, left_out=left_out)


def _in_file_order(services: Mapping[str, Any], file: Path) -> dict[str, Any]:
    """Return the services as a person wrote them: Compose sorts them; included ones come last."""
    written = remote_parts(file).get("services") or {}
    order = [name for name in written if name in services]
    return {name: services[name] for name in (*order, *(name for name in services if name not in written))}


def _plain(line: str) -> str:
    """Return the message of a line that logrus wrote (`time=... level=warning msg="..."`), or the line."""
    _, marked, message = line.partition(" msg=")
    if not marked:
        return line.strip()
    try:
        return str(json.loads(message))
    except json.JSONDecodeError:
        return message.strip('"')


def remote_parts(file: Path) -> Mapping[str, Any]:
    """Return the parts of the written file that resolving swallows: `include`, `extends`, `env_file`, contexts.

    The gate sees them beside the resolved model. A file that cannot be read has none; resolving it says why.
    """
    try:
        written = yaml.load(file.read_text("utf-8", "replace"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    if not isinstance(written, dict):
        return {}
    services = written.get("services")
    kept = {
        name: {key: service[key] for key in ("extends", "env_file", "build") if key in service}
        for name, service in (services.items() if isinstance(services, dict) else ())
        if isinstance(service, dict)
    }
    return {"include": written.get("include") or [], "services": kept}
