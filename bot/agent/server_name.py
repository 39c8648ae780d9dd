"""Reads the server name from the first bytes of TLS: a tunnel to a registry must also ask for that registry."""

from __future__ import annotations

from typing import Final

_HANDSHAKE: Final = 22
_CLIENT_HELLO: Final = 1
_SERVER_NAME: Final = 0
_ENCRYPTED_HELLO: Final = 0xFE0D


class NotTlsError(ValueError):
    """The bytes are not the start of a TLS connection, or name no server."""


class _Reader:
    """Takes numbers and pieces from the front of bytes."""

    def __init__(self, data: bytes) -> None:
        self.rest = data

    def take(self, size: int) -> bytes:
        if len(self.rest) < size:
            raise NotTlsError("too short")
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def sized(self, size: int) -> _Reader:
        """Take a piece that is preceded by its length, which is a number of `size` bytes."""
        return _Reader(self.take(self.number(size)))


def hello_is_whole(data: bytes) -> bool:
    """Whether the records in `data` hold a whole ClientHello.

    Raises:
        NotTlsError: it is none.
    """
    return _whole(_hello(data))


def server_name(data: bytes) -> str:
    """Return the name of the server that a whole ClientHello asks for.

    Raises:
        NotTlsError: it is no ClientHello, names none, or carries a second one that only the server can read.
    """
    reader = _Reader(_hello(data))
    reader.take(1)
    hello = reader.sized(3)
    hello.take(2 + 32)  # version, random
    hello.sized(1)  # session
    hello.sized(2)  # ciphers
    hello.sized(1)  # compressions
    extensions, found = hello.sized(2), ""
    while extensions.rest:
        kind, body = extensions.number(2), extensions.sized(2)
        if kind == _ENCRYPTED_HELLO:
            raise NotTlsError("the server that it means is hidden in it")
        if kind == _SERVER_NAME:
            names = body.sized(2)
            if names.number(1) == 0:
                found = names.sized(2).rest.decode("ascii", "replace").lower()
    if not found:
        raise NotTlsError("it names no server")
    return found


def _hello(data: bytes) -> bytes:
    """Return the handshake's bytes out of the records they are cut into, the last of them perhaps in part.

    What follows a whole ClientHello (early data) is the server's business.
    """
    handshake, rest = b"", data
    while len(rest) >= 5 and not _whole(handshake):
        if rest[0] != _HANDSHAKE or rest[1] != 3:
            raise NotTlsError("no handshake")
        size = int.from_bytes(rest[3:5], "big")
        handshake += rest[5 : 5 + size]
        rest = rest[5 + size :]
    if (handshake and handshake[0] != _CLIENT_HELLO) or (data and data[0] != _HANDSHAKE):
        raise NotTlsError("no ClientHello")
    return handshake


def _whole(handshake: bytes) -> bool:
    return len(handshake) >= 4 and len(handshake) - 4 >= int.from_bytes(handshake[1:4], "big")
