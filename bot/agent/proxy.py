"""A forward proxy that lets a sandbox download packages, and writes down what else it was asked for."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from bot.agent.address import is_in_house, is_public
from bot.agent.allowlist import Allowlist
from bot.agent.proxy_request import Asked, BadRequestError, read_request
from bot.agent.server_name import NotTlsError, hello_is_whole, server_name
from bot.model.egress import Refusal
from bot.model.redact import Redactor

Resolve = Callable[[str, int], Awaitable[tuple[str, ...]]]
_HEAD: Final = 32 * 1024
_CHUNK: Final = 64 * 1024
_HELLO: Final = 64 * 1024
# A tunnel is for downloads: what a client sends there are requests, not this repository.
_MOST_UP: Final = 1024 * 1024
_MOST_UP_IN_ALL: Final = 16 * 1024 * 1024
_MOST_CONNECTIONS: Final = 64
_MOST_REFUSALS: Final = 100
_MOST_WORDS: Final = 200
_READABLE: Final = Redactor()


class RefusedError(Exception):
    """What is asked for is not let through; says why."""


async def resolve(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses of `host`, as this machine finds them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


class Proxy:
    """Serves one sandbox. Set `asking` to the command that runs: refusals are written down with it.

    Args:
        allowed: Which hosts may be asked for.
        resolve: Finds the addresses of a host; what it finds is what is connected to, so that a name cannot change
            between the look and the connection.
        may_reach: Whether an address may be connected to for a public registry.
        may_reach_own: The same for a host that the administrator named.
        idle: Seconds without a byte after which a connection is ended.
        most_up: Bytes that one tunnel may carry up.
        most_up_in_all: Bytes that all tunnels may carry up together.
    """

    def __init__(
        self,
        allowed: Allowlist,
        *,
        resolve: Resolve = resolve,
        may_reach: Callable[[str], bool] = is_public,
        may_reach_own: Callable[[str], bool] = is_in_house,
        idle: float = 60.0,
        most_up: int = _MOST_UP,
        most_up_in_all: int = _MOST_UP_IN_ALL,
    ) -> None:
        self.asking = ""
        self._allowed = allowed
        self._resolve = resolve
        self._may_reach = may_reach
        self._may_reach_own = may_reach_own
        self._idle = idle
        self._most_up = most_up
        self._most_up_in_all = most_up_in_all
        self._sent = 0
        self._refusals: dict[tuple[str, str, str], Refusal] = {}
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """What was refused so far, in the order in which it was first asked for."""
        return tuple(self._refusals.values())

    async def listen(self, path: Path) -> None:
        """Serve on a Unix socket at `path` until `close`."""
        # The kernel takes 107 bytes as an address; by its folder's descriptor, a socket may lie as deep as it likes.
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            address = f"/proc/self/fd/{folder}/{path.name}"
            self._server = await asyncio.start_unix_server(self._accept, address, limit=_HEAD)
        finally:
            os.close(folder)

    async def close(self) -> None:
        """End every connection, and listen no more."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= _MOST_CONNECTIONS:
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client or a server that goes away, or stays silent, ends its connection and nothing else.
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            try:
                async with asyncio.timeout(self._idle) as patience:
                    await self._answer(reader, writer, patience)
            finally:
                await _end(writer)

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience: asyncio.Timeout
    ) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        try:
            asked = read_request(head)
        except BadRequestError as error:
            self._refused(head.partition(b"\r\n")[0].decode("ascii", "replace"), str(error))
            await _say(writer, "400 Bad Request", f"{error}.")
            return
        target = f"{asked.host}:{asked.port}"
        try:
            addresses = await self._addresses(asked)
        except RefusedError as error:
            self._refused(target, str(error))
            words = f"Groundwork's sandbox may not reach {target}: {error}. Its operator can list further hosts."
            await _say(writer, "403 Forbidden", words)
            return
        except OSError as error:
            await _say(writer, "502 Bad Gateway", f"{asked.host} was not found: {error.strerror or error}.")
            return
        try:
            onward = await _connect(addresses, asked.port)
        except OSError as error:
            await _say(writer, "502 Bad Gateway", f"{target} does not answer: {error.strerror or error}.")
            return
        try:
            await self._pass(asked, (reader, writer), onward, patience)
        except RefusedError as error:
            self._refused(target, str(error))
        finally:
            await _end(onward[1])

    async def _addresses(self, asked: Asked) -> tuple[str, ...]:
        """Return where to connect to. One address that must not be reached condemns the name."""
        why = self._allowed.refuses(asked.host, asked.port)
        if why:
            raise RefusedError(why)
        addresses = await self._resolve(asked.host, asked.port)
        may = self._may_reach_own if (asked.host, asked.port) in self._allowed.own else self._may_reach
        inside = [address for address in addresses if not may(address)]
        if inside or not addresses:
            raise RefusedError(f"its name leads inside ({', '.join(inside) or 'nowhere'})")
        return addresses

    async def _pass(
        self,
        asked: Asked,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        patience: asyncio.Timeout,
    ) -> None:
        loop = asyncio.get_running_loop()

        async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter, count: Callable[[int], None]) -> None:
            while chunk := await source.read(_CHUNK):
                patience.reschedule(loop.time() + self._idle)
                count(len(chunk))
                sink.write(chunk)
                await sink.drain()
            sink.write_eof()

        if asked.onward:
            far[1].write(asked.onward)  # and nothing of what the client may send after it
            await copy(far[0], near[1], _any_number)
            return
        near[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        first, count_up = await _hello(near[0], asked.host), self._meter()
        count_up(len(first))
        far[1].write(first)
        up = loop.create_task(copy(near[0], far[1], count_up))
        down = loop.create_task(copy(far[0], near[1], _any_number))
        try:
            await asyncio.gather(up, down)
        finally:
            for task in (up, down):
                task.cancel()
            await asyncio.gather(up, down, return_exceptions=True)

    def _meter(self) -> Callable[[int], None]:
        """Return what counts the bytes sent up one tunnel, and refuses more than it or all of them may carry."""
        here = 0

        def count(size: int) -> None:
            nonlocal here
            here += size
            self._sent += size
            for total, most in ((here, self._most_up), (self._sent, self._most_up_in_all)):
                if total > most:
                    raise RefusedError(f"more than {most} bytes were to be sent there")

        return count

    def _refused(self, target: str, why: str) -> None:
        command = _READABLE(self.asking.strip().partition("\n")[0])[:_MOST_WORDS]
        key = (_READABLE(target)[:_MOST_WORDS], why, command)
        known = self._refusals.get(key)
        if known is not None:
            self._refusals[key] = replace(known, times=known.times + 1)
        elif len(self._refusals) < _MOST_REFUSALS:
            self._refusals[key] = Refusal(target=key[0], why=why, command=command)


def _any_number(_size: int) -> None:
    """Count nothing: downloads are bounded by the sandbox's disk and time."""


async def _hello(reader: asyncio.StreamReader, host: str) -> bytes:
    """Return the client's first bytes, after seeing that they ask for `host`: one address serves many sites."""
    data = b""
    try:
        while not hello_is_whole(data):
            chunk = await reader.read(_CHUNK)
            data += chunk
            if not chunk or len(data) > _HELLO:
                raise RefusedError("a tunnel without TLS in it")
        name = server_name(data)
    except NotTlsError as error:
        raise RefusedError(f"a tunnel without TLS that names its server in it ({error})") from error
    if name.removesuffix(".") != host:
        raise RefusedError("the tunnel was to reach another site at the same address")
    return data


async def _connect(addresses: tuple[str, ...], port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the first address that answers."""
    *others, last = addresses
    for address in others:
        with contextlib.suppress(OSError):
            return await asyncio.open_connection(address, port)
    return await asyncio.open_connection(last, port)


async def _say(writer: asyncio.StreamWriter, status: str, words: str) -> None:
    body = f"{words}\n".encode()
    writer.write(f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n".encode())
    writer.write(b"Connection: close\r\n\r\n" + body)
    await writer.drain()


async def _end(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
