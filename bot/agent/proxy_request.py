"""Reads what a client asks a forward proxy for: a tunnel (CONNECT) or a page (GET, HEAD), and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from bot.agent.allowlist import HTTP, HTTPS, host_name

# Not passed on: they are between the client and this proxy, or would let a request carry more than its address.
_OURS: Final = frozenset(
    {"host", "connection", "keep-alive", "te", "trailer", "upgrade", "expect", "content-length", "transfer-encoding"}
    | {"proxy-connection", "proxy-authorization", "forwarded", "x-forwarded-for", "via"}
)
_HEADER: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)\Z")
_LINE: Final = re.compile(r"([A-Z]{1,20}) (\S{1,8000}) HTTP/1\.[01]\Z")


class BadRequestError(ValueError):
    """What came is not what a proxy is asked; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for; `onward` is the request for the server, empty for a tunnel."""

    host: str
    port: int
    onward: bytes = b""


def read_request(head: bytes) -> Asked:
    """Return what the head of a request, blank line included, asks for.

    Raises:
        BadRequestError: it is malformed, or asks for something that fetching packages does not need.
    """
    first, *rest = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    line = _LINE.match(first)
    if line is None:
        raise BadRequestError("no request of a proxy's client")
    method, target = line[1], line[2]
    if method == "CONNECT":
        host, port = _authority(target, HTTPS)
        return Asked(host=host, port=port)
    if method not in {"GET", "HEAD"}:
        raise BadRequestError("only downloads are let through, and tunnels to them")
    parts = _split(target)
    host, port = _authority(parts.netloc, HTTP)
    way = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    shown = host if port == HTTP else f"{host}:{port}"
    lines = [f"{method} {way} HTTP/1.1", f"Host: {shown}", *_headers(rest), "Connection: close", "", ""]
    return Asked(host=host, port=port, onward="\r\n".join(lines).encode("latin-1"))


def _split(target: str) -> SplitResult:
    try:
        parts = urlsplit(target)
    except ValueError as error:
        raise BadRequestError("an address that cannot be read") from error
    if parts.scheme != "http":
        raise BadRequestError("only http:// addresses are fetched, https:// goes through a tunnel")
    return parts


def _authority(text: str, default: int) -> tuple[str, int]:
    """Return host and port; an address in brackets, a user or a strange character makes it none."""
    found = re.fullmatch(r"([^:@/\[\]]{1,254})(?::(\d{1,5}))?", text)
    host = host_name(found[1]) if found else ""
    port = int(found[2] or default) if found else 0
    if not host or not 0 < port < 65_536:
        raise BadRequestError("no name of a host")
    return host, port


def _headers(lines: list[str]) -> list[str]:
    kept = []
    for line in lines:
        header = _HEADER.match(line)
        if header is None:
            raise BadRequestError("a header that cannot be read")
        if header[1].lower() not in _OURS:
            kept.append(line)
    return kept
