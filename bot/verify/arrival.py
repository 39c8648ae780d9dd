"""Coming to an engine: connected, tidied of what killed verifications left, its Compose known by version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.verify import engine, teardown
from bot.verify.compose import Compose
from bot.verify.tree import abandoned_trees

if TYPE_CHECKING:
    from docker import APIClient


def arrive() -> APIClient:
    """Connect, and sweep what killed verifications left.

    Raises:
        EngineUnavailableError: no engine answers.
    """
    client = engine.connect()
    teardown.sweep(client)
    for folder in abandoned_trees():
        teardown.remove_tree(folder, client, ())
    return client


def compose_version(compose: Compose) -> str:
    """Return the version of the Compose plugin, "" where it does not say.

    Raises:
        EngineUnavailableError: Compose is not installed.
    """
    status, output, _ = compose.read("version", "--short")
    return "" if status else output.decode().strip()
