"""The proxy between a sandbox and the registries, against servers on this machine's loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.agent.allowlist import Allowlist
from bot.agent.proxy import Proxy
from bot.agent.proxy_request import BadRequestError, read_request
from bot.agent.server_name import NotTlsError, hello_is_whole, server_name

HOST = "packages.example"


async def loopback(_host: str, _port: int) -> tuple[str, ...]:
    return ("127.0.0.1",)


@contextlib.asynccontextmanager
async def registry() -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that keeps what it is sent and answers the first bytes of each connection with `hello`."""
    received: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.read(65536))
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
        with contextlib.suppress(OSError):  # the proxy may have ended it
            writer.write_eof()
        while chunk := await reader.read(65536):
            received[-1] += chunk
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], received
    finally:
        server.close()


async def ask(path: Path, *pieces: bytes) -> bytes:
    """Send the pieces to the proxy, the later ones after it answered; return all it said."""
    reader, writer = await asyncio.open_unix_connection(path)
    said = b""
    for piece in pieces:
        writer.write(piece)
        if piece is not pieces[-1]:
            said += await reader.readuntil(b"\r\n\r\n")
    with contextlib.suppress(OSError):
        said += await reader.read()
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return said


def through(
    path: Path, make: Callable[[int], Proxy], talk: Callable[[int], Awaitable[bytes]]
) -> tuple[bytes, Proxy, list[bytes]]:
    """Have a talk through a proxy to a registry on the port that both are told."""

    async def story() -> tuple[bytes, Proxy, list[bytes]]:
        async with registry() as (port, received):
            proxy = make(port)
            proxy.asking = "pip install left-pad\nsecond line"
            await proxy.listen(path)
            try:
                return await talk(port), proxy, received
            finally:
                await proxy.close()

    return asyncio.run(story())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "proxy.sock"


def open_to(port: int) -> Proxy:
    return Proxy(Allowlist(frozenset({(HOST, port)})), resolve=loopback, may_reach=lambda _address: True)


def hello(name: str) -> bytes:
    """What a TLS client sends first."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def connect(port: int, host: str = HOST) -> bytes:
    return f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()


def test_a_page_of_a_registry_is_fetched_without_what_is_for_the_proxy(path: Path) -> None:
    async def talk(port: int) -> bytes:
        head = f"GET http://{HOST}:{port}/simple/?q=1 HTTP/1.1\r\nHost: elsewhere\r\nProxy-Authorization: x\r\nAccept: a/b\r\n\r\n"
        return await ask(path, head.encode())

    said, proxy, received = through(path, open_to, talk)
    assert said.endswith(b"hello")
    lines = received[0].decode().split("\r\n")
    assert lines[0] == "GET /simple/?q=1 HTTP/1.1"
    assert lines[1].startswith(f"Host: {HOST}:")
    assert lines[2:] == ["Accept: a/b", "Connection: close", "", ""]
    assert proxy.refusals == ()


def test_a_second_request_does_not_ride_on_the_first(path: Path) -> None:
    async def talk(port: int) -> bytes:
        first = f"GET http://{HOST}:{port}/ HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
        return await ask(path, (first + "GET /admin HTTP/1.1\r\nHost: inside.example\r\n\r\n").encode())

    _said, _proxy, received = through(path, open_to, talk)
    assert b"inside" not in b"".join(received)


def test_a_tunnel_to_a_registry_carries_tls(path: Path) -> None:
    first = hello(HOST)

    async def talk(port: int) -> bytes:
        return await ask(path, connect(port), first)

    said, proxy, received = through(path, open_to, talk)
    assert said.startswith(b"HTTP/1.1 200 ")
    assert said.endswith(b"hello")
    assert received == [first]
    assert proxy.refusals == ()


@pytest.mark.parametrize(
    ("first", "why"),
    [
        (hello("evil.example"), "another site"),
        (b"SSH-2.0-OpenSSH\r\n", "without TLS"),
        (b"GET / HTTP/1.1\r\nHost: packages.example\r\n\r\n", "without TLS"),
    ],
)
def test_a_tunnel_that_is_used_for_something_else_is_ended_before_a_byte_of_it_is_passed(
    path: Path, first: bytes, why: str
) -> None:
    async def talk(port: int) -> bytes:
        return await ask(path, connect(port), first)

    said, proxy, received = through(path, open_to, talk)
    assert b"hello" not in said
    assert b"".join(received) == b""
    assert [why in each.why for each in proxy.refusals] == [True]


def test_a_tunnel_is_no_way_to_send_a_repository_out(path: Path) -> None:
    async def talk(port: int) -> bytes:
        return await ask(path, connect(port), hello(HOST) + bytes(3 * 1024 * 1024))

    _said, proxy, received = through(path, open_to, talk)
    assert len(b"".join(received)) < 1_200_000
    assert "were to be sent there" in proxy.refusals[0].why


def test_nor_are_many_small_tunnels(path: Path) -> None:
    async def talk(port: int) -> bytes:
        for _ in range(4):
            await ask(path, connect(port), hello(HOST) + bytes(90_000))
        return b""

    def make(port: int) -> Proxy:
        target = frozenset({(HOST, port)})
        return Proxy(Allowlist(target), resolve=loopback, may_reach=lambda _address: True, most_up_in_all=200_000)

    _said, proxy, received = through(path, make, talk)
    assert len(b"".join(received)) < 4 * 90_000
    assert ["more than 200000 bytes" in each.why for each in proxy.refusals] == [True]


def test_it_listens_however_deep_its_folder_lies(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 100) / ("b" * 100)
    deep.mkdir(parents=True)
    folder = os.open(deep, os.O_RDONLY)

    async def talk(port: int) -> bytes:
        return await ask(Path(f"/proc/self/fd/{folder}/proxy.sock"), connect(port, "evil.example"))

    try:
        said, _proxy, _received = through(deep / "proxy.sock", open_to, talk)
    finally:
        os.close(folder)
    assert said.startswith(b"HTTP/1.1 403 ")


def test_what_is_refused_is_written_down_with_the_command_that_asked(path: Path) -> None:
    async def talk(_port: int) -> bytes:
        await ask(path, connect(443, "evil.example"))
        return await ask(path, connect(443, "evil.example"))

    said, proxy, _received = through(path, open_to, talk)
    assert said.startswith(b"HTTP/1.1 403 ")
    assert b"may not reach evil.example:443: this host is not on the list of registries" in said
    [refusal] = proxy.refusals
    assert (refusal.target, refusal.command, refusal.times) == ("evil.example:443", "pip install left-pad", 2)


def test_a_password_in_what_was_asked_for_is_not_written_down(path: Path) -> None:
    async def talk(_port: int) -> bytes:
        return await ask(path, b"GET http://me:hunter2hunter2@evil.example/ HTTP/1.1\r\n\r\n")

    _said, proxy, _received = through(path, open_to, talk)
    assert "hunter2" not in proxy.refusals[0].target


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), ("169.254.169.254",), ("151.101.0.223", "10.0.0.7"), ("::ffff:127.0.0.1",), ()]
)
def test_a_registry_whose_name_leads_inside_is_not_connected_to(path: Path, addresses: tuple[str, ...]) -> None:
    async def rebound(_host: str, _port: int) -> tuple[str, ...]:
        return addresses

    async def talk(port: int) -> bytes:
        return await ask(path, connect(port), b"")

    def make(port: int) -> Proxy:
        return Proxy(Allowlist(frozenset({(HOST, port)})), resolve=rebound)

    said, proxy, received = through(path, make, talk)
    assert said.startswith(b"HTTP/1.1 403 ")
    assert "its name leads inside" in proxy.refusals[0].why
    assert received == []


@pytest.mark.parametrize("own", [True, False])
def test_only_a_host_that_the_administrator_named_may_be_in_his_own_network(path: Path, own: bool) -> None:
    async def talk(port: int) -> bytes:
        return await ask(path, connect(port), hello(HOST))

    def make(port: int) -> Proxy:
        target = frozenset({(HOST, port)})
        listed = Allowlist(target, target if own else frozenset())
        return Proxy(listed, resolve=loopback, may_reach_own=lambda address: address == "127.0.0.1")

    said, _proxy, _received = through(path, make, talk)
    assert said.startswith(b"HTTP/1.1 200 " if own else b"HTTP/1.1 403 ")


def test_a_name_is_looked_up_once_and_what_was_looked_at_is_connected_to(path: Path) -> None:
    answers = [("127.0.0.1",), ("10.0.0.7",)]
    seen: list[str] = []

    async def changing(_host: str, _port: int) -> tuple[str, ...]:
        return answers.pop(0)

    def look(address: str) -> bool:
        seen.append(address)
        return True

    async def talk(port: int) -> bytes:
        return await ask(path, connect(port), hello(HOST))

    said, _proxy, _received = through(
        path, lambda port: Proxy(Allowlist(frozenset({(HOST, port)})), resolve=changing, may_reach=look), talk
    )
    assert said.endswith(b"hello")
    assert seen == ["127.0.0.1"]
    assert len(answers) == 1


def test_a_client_that_stays_silent_is_let_go(path: Path) -> None:
    async def talk(_port: int) -> bytes:
        return await ask(path, b"CONNECT ")

    said, _proxy, _received = through(path, lambda _port: Proxy(Allowlist(frozenset()), idle=0.05), talk)
    assert said == b""


def test_a_registry_that_is_down_is_said_to_be(path: Path) -> None:
    async def talk(_port: int) -> bytes:
        return await ask(path, connect(1))

    said, proxy, _received = through(path, lambda _port: open_to(1), talk)
    assert said.startswith(b"HTTP/1.1 502 ")
    assert proxy.refusals == ()


def test_refusals_are_bounded(path: Path) -> None:
    async def talk(_port: int) -> bytes:
        for number in range(130):
            await ask(path, connect(443, f"h{number}.example"))
        return b""

    _said, proxy, _received = through(path, open_to, talk)
    assert len(proxy.refusals) == 100


@pytest.mark.parametrize(
    "line",
    [
        "POST http://packages.example/ HTTP/1.1",
        "PUT http://packages.example/x HTTP/1.1",
        "GET / HTTP/1.1",
        "GET ftp://packages.example/ HTTP/1.1",
        "GET http://user@packages.example/ HTTP/1.1",
        "GET http://[::1]/ HTTP/1.1",
        "GET http://packages.example:99999/ HTTP/1.1",
        "GET http://packages.example/ HTTP/2",
        "GET  http://packages.example/ HTTP/1.1",
        "CONNECT packages.example@evil.example:443 HTTP/1.1",
        "CONNECT [::1]:443 HTTP/1.1",
        "CONNECT packages.example:443:80 HTTP/1.1",
        "CONNECT pack\x00ages.example:443 HTTP/1.1",
        "GET http://packages.example/ HTTP/1.1\r\nX: a\nHost: inside",
        "GET http://packages.example/ HTTP/1.1\r\n folded",
        "",
    ],
)
def test_what_fetching_packages_does_not_need_is_no_request(line: str) -> None:
    with pytest.raises(BadRequestError):
        read_request(f"{line}\r\n\r\n".encode("latin-1"))


def test_the_server_name_is_read_however_the_hello_is_cut() -> None:
    whole = hello(HOST)
    assert server_name(whole) == HOST
    assert not any(hello_is_whole(whole[:size]) for size in range(len(whole)))
    body = whole[5:]
    cut = b"".join(
        b"\x16\x03\x01" + len(piece).to_bytes(2, "big") + piece for piece in (body[:3], body[3:90], body[90:])
    )
    assert hello_is_whole(cut)
    assert server_name(cut) == HOST


def handmade(*extensions: tuple[int, bytes]) -> bytes:
    """A ClientHello with nothing in it but its extensions."""

    def sized(data: bytes, size: int) -> bytes:
        return len(data).to_bytes(size, "big") + data

    tail = b"".join(kind.to_bytes(2, "big") + sized(body, 2) for kind, body in extensions)
    hello = bytes(34) + sized(b"", 1) + sized(b"\x13\x01", 2) + sized(b"\x00", 1) + sized(tail, 2)
    return b"\x16\x03\x01" + sized(b"\x01" + sized(hello, 3), 2)


NAMED = (0, b"\x00\x13\x00\x00\x10" + HOST.encode())


def test_a_hello_that_hides_a_second_one_is_refused() -> None:
    assert server_name(handmade((10, b""), NAMED)) == HOST
    with pytest.raises(NotTlsError, match="hidden"):
        server_name(handmade(NAMED, (0xFE0D, b"\x00")))


def test_a_hello_that_names_no_server_is_refused() -> None:
    with pytest.raises(NotTlsError, match="names no server"):
        server_name(handmade((10, b"")))
