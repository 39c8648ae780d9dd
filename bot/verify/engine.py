"""The Docker engine, through its own client: connected once, its absence said in words."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from bot.errors import EngineUnavailableError
from bot.model.measured import Engine

if TYPE_CHECKING:
    from docker import APIClient

_STREAMS: Final = 64
_AGAIN: Final = 0.5


def connect(timeout: int = 30) -> APIClient:
    """Return a client for the engine of this machine (`DOCKER_HOST`, or the default socket).

    Raises:
        EngineUnavailableError: none answers; the message says what was tried.
    """
    import docker
    from docker.errors import DockerException
    from docker.utils import kwargs_from_env

    try:
        client = docker.APIClient(version="auto", timeout=timeout, max_pool_size=_STREAMS, **kwargs_from_env())
    except (DockerException, OSError) as error:
        where = os.environ.get("DOCKER_HOST", "the default socket")
        raise EngineUnavailableError(
            f"No Docker engine answers on {where}: {_first_line(error)}",
            hint="start Docker, or set DOCKER_HOST; `groundwork check` needs no engine",
        ) from error
    return client


def describe(client: APIClient, compose: str) -> Engine:
    """Return what the engine says of itself."""
    version = client.version(api_version=False)
    return Engine(
        version=str(version.get("Version", "")),
        api=str(version.get("ApiVersion", "")),
        compose=compose,
        architecture=str(version.get("Arch", "")),
    )


def connect_again(seconds: float) -> APIClient | None:
    """Wait for an engine that went away; None where it stays away for `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            return connect(timeout=10)
        except EngineUnavailableError:
            time.sleep(_AGAIN)
    return None


def _first_line(error: BaseException) -> str:
    words = str(error)
    if "FileNotFoundError" in words or "No such file" in words:
        return "there is no such socket"
    if "PermissionError" in words or "Permission denied" in words:
        return "this user may not use it"
    if "ConnectionRefused" in words or "Connection refused" in words:
        return "nothing listens there"
    return words.splitlines()[0][:200] if words else type(error).__name__
