"""Checks asked twice a second while a service starts, so that a verdict waits for the stack and not for the next check.

Docker asks a starting service every five seconds and nobody sooner; a stack of four levels waits twenty for that alone.
Only how often is changed, in the private model, and only where an earlier answer is as true as a later one: a database
that is still being set up answers on its socket, and a check that asks there is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.verify.duration import seconds_of
from bot.verify.plan import command_words

_EACH: Final = "500ms"
_NEEDED: Final = (1, 44)  # the engine's API from which on it can be said (Docker 25)
# What is asked over TCP, where nothing answers before the service does; mongod is set up behind the same address.
# Or the age of a file, which a worker touches from when it works.
_TRUE_AT_ONCE: Final = re.compile(
    r"\b127\.0\.0\.1\b|https?://|\[::1\]|\bredis-cli\b|\bvalkey-cli\b|\bfind\b.*\s-(?:mmin|newermt)\s"
)
_SET_UP: Final = re.compile(r"\bmongo(?:sh)?\b")


def hastened(model: Mapping[str, Any], of_images: Mapping[str, Mapping[str, Any]], *, api: str) -> Mapping[str, Any]:
    """Return `model` with checks asked more often while a service starts.

    Args:
        model: The compose model that is run.
        of_images: What each service's image says of its own check, as the engine tells it (nanoseconds).
        api: The engine's version of its API.
    """
    if not re.fullmatch(r"\d+\.\d+", api) or tuple(map(int, api.split("."))) < _NEEDED:
        return model
    services = {name: _service(service, of_images.get(name) or {}) for name, service in model["services"].items()}
    return {**model, "services": services}


def _service(service: Mapping[str, Any], of_image: Mapping[str, Any]) -> Mapping[str, Any]:
    written = service.get("healthcheck") or {}
    test = written.get("test") or list(of_image.get("Test") or ())
    period = seconds_of(written.get("start_period"), int(of_image.get("StartPeriod") or 0) / 1e9)
    interval = seconds_of(written.get("interval"), int(of_image.get("Interval") or 3e10) / 1e9)
    given = written.get("start_interval") or of_image.get("StartInterval")
    off = written.get("disable") or list(test)[:1] == ["NONE"]
    if not test or off or given or period <= 0 or interval <= 1:
        return service
    command = command_words(test)
    if not _TRUE_AT_ONCE.search(command) or _SET_UP.search(command):
        return service
    return {**service, "healthcheck": {**written, "start_interval": _EACH}}
