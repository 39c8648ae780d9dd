"""Probes from the same health checks that compose and the images have."""

from __future__ import annotations

import math
from typing import Any

from bot.blueprint.running import Check, Running


def probes(service: Running) -> dict[str, Any]:
    """Return `startupProbe`, `readinessProbe` and `livenessProbe` of a container; empty without a check.

    A check that asks for a page becomes a request of the node itself, so that no program in the image is needed. Alive
    is what holds its port open: a page that asks the database must not have every pod restarted when that is away.
    """
    check = service.check
    if check is None:
        return {}
    asks = _handler(check)
    period, timeout = max(1, round(check.interval)), max(1, math.ceil(check.timeout))
    often = {"periodSeconds": period, "timeoutSeconds": timeout}
    starts = math.ceil(check.start_period / period) + check.retries
    found = {"startupProbe": {**asks, **often, "failureThreshold": starts}}
    if service.port:
        found["readinessProbe"] = {**asks, **often, "failureThreshold": check.retries}
        asks = {"tcpSocket": {"port": service.port}}
    found["livenessProbe"] = {**asks, **often, "periodSeconds": max(10, period), "failureThreshold": 3}
    return found


def _handler(check: Check) -> dict[str, Any]:
    if check.page is None:
        return {"exec": {"command": list(check.command)}}
    port, path = check.page
    # The name that the check used: an application that looks at names would refuse the pod's address.
    return {"httpGet": {"path": path, "port": port, "httpHeaders": [{"name": "Host", "value": "127.0.0.1"}]}}
