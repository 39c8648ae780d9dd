"""Addresses: whether secrets may travel to one, and where a GitHub server answers its API."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def is_safe(url: str) -> bool:
    """Return whether secrets may travel to `url`: encrypted, or not over any network, and without a user name."""
    try:
        parts = urlsplit(url)
        known = bool(parts.hostname) and not parts.username and not parts.password and (parts.port or 1) > 0
    except ValueError:
        return False
    return known and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK))


def api_url(github_url: str) -> str:
    """Return the API's address: beside github.com, below an Enterprise Server, or on a loopback itself."""
    parts = urlsplit(github_url)
    if parts.hostname == "github.com":
        return "https://api.github.com"
    if parts.hostname and parts.hostname.endswith(".ghe.com"):
        return f"{parts.scheme}://api.{parts.netloc}"
    return github_url if parts.scheme == "http" else f"{github_url}/api/v3"
