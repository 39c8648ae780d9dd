"""What verification needs from the rules: refuse a stack that could leave its box, before anything is built."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from bot.model.finding import Finding
from bot.model.measured import Place


class EscapeGate(Protocol):
    """The escape rules on a resolved compose model (the mapping of `docker compose config --format json`)."""

    def __call__(self, config: Mapping[str, Any], root: Path, /) -> tuple[Finding, ...]:
        """Return why the stack must not run here; empty: it may. Paths of findings are relative to `root`."""
        ...


class Locate(Protocol):
    """Where a service, or one of its keys, stands in the compose file."""

    def __call__(self, service: str, key: str, /) -> Place | None:
        """Return the place of `services.<service>.<key>` ("" for the service itself), None where it is not there."""
        ...
