"""A webhook request that lies whole in the bytes that came, in the plain form in which GitHub and proxies send it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

WEBHOOK: Final = "/webhooks/github"
_LONGEST_HEAD: Final = 16_384  # bytes
# RFC 9112 with nothing that could be read in two ways: no folded lines, no bare line feeds, no space before a colon.
_HEAD: Final = re.compile(
    rb"POST "
    + WEBHOOK.encode()
    + rb" HTTP/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*\r\n)+)\r\n"
)
_LINE: Final = re.compile(rb"([^:]+):[ \t]*([^\r]*?)[ \t]*\r\n")
# What changes how a body is read or when the connection ends.
_SPECIAL: Final = frozenset({"transfer-encoding", "expect", "upgrade", "trailer", "te"})


class Unfinished(Enum):
    """What to do where no whole request is there: wait for MORE bytes, or let a complete server read it as OTHER."""

    MORE = "more"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Request:
    """One request: headers by their names in lower case (of one that comes twice, the first), and where it ends."""

    headers: dict[str, str]
    body: bytes
    end: int


def whole(data: bytes, *, longest: int) -> Request | Unfinished:
    """Return the request at the start of `data`; one whose body is over `longest` bytes is for others."""
    head = _HEAD.match(data)
    if not head:
        start = data[:_LONGEST_HEAD]
        waits = _might_become(start) and b"\r\n\r\n" not in start and len(data) < _LONGEST_HEAD
        return Unfinished.MORE if waits else Unfinished.OTHER
    headers: dict[str, str] = {}
    for name, value in _LINE.findall(head[1]):
        key = name.decode("ascii").lower()
        if key in headers and key == "content-length":
            return Unfinished.OTHER
        headers.setdefault(key, value.decode("latin-1"))
    length = headers.get("content-length", "")
    plain = length.isascii() and length.isdigit() and len(length) < 10
    if not plain or "host" not in headers or not _SPECIAL.isdisjoint(headers):
        return Unfinished.OTHER
    if headers.get("connection", "keep-alive").lower() != "keep-alive":
        return Unfinished.OTHER
    size, begin = int(length), head.end()
    if size > longest:
        return Unfinished.OTHER
    if len(data) - begin < size:
        return Unfinished.MORE
    return Request(headers, data[begin : begin + size], begin + size)


def _might_become(start: bytes) -> bool:
    line = f"POST {WEBHOOK} HTTP/1.1\r\n".encode()
    return start.startswith(line) or line.startswith(start)
