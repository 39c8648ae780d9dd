"""Durations as Compose and the engine write them."""

from __future__ import annotations

import re
from typing import Final

_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_UNITS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds_of(text: object, default: float) -> float:
    """Return the seconds of `1m30s`; `default` where nothing is written."""
    parts = _PART.findall(str(text or ""))
    return sum(float(number) * _UNITS[unit] for number, unit in parts) if parts else default
