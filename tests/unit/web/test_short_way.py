"""The short way for webhooks on real connections: whatever comes, and in whatever pieces, it answers as uvicorn does."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TypeVar

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli.serving import Server, server_of
from bot.job.kinds import Context, Job
from bot.web.app import WebApp
from bot.web.inbox import Accepted
from bot.web.intake import Intake
from bot.web.whole import Request, Unfinished, whole
from tests.unit.web.test_app import LABELED, SECRET, FakeInbox, signed

T = TypeVar("T")
SILENCE = 0.3  # seconds, after which nothing more is said
DATE = re.compile(rb"(?i)date: [^\r]*\r\n")


class SlowInbox(FakeInbox):
    """Stores once it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let, self.begun = asyncio.Event(), asyncio.Event()

    async def accept(self, job: Job) -> Accepted:
        self.begun.set()
        await self.let.wait()
        return await super().accept(job)


def app_of(inbox: FakeInbox, max_size: int = 1_000_000) -> WebApp:
    context = Context(app_id=42, bot="groundwork[bot]")
    return WebApp(Intake(secrets=[SECRET], context=context, max_size=max_size, patience=0.2), inbox)


def ours(app: WebApp) -> uvicorn.Server:
    return server_of(app, grace=5)


def plain(app: WebApp) -> uvicorn.Server:
    """uvicorn as it is."""
    config = uvicorn.Config(app, http="httptools", ws="none", lifespan="off", log_config=None, server_header=False)
    return Server(config)


@contextmanager
def listening() -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener


async def served(server: uvicorn.Server, work: Callable[[int], Awaitable[T]]) -> T:
    with listening() as listener:
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        try:
            return await work(listener.getsockname()[1])
        finally:
            server.should_exit = True
            await serving


async def conversation(server: uvicorn.Server, *pieces: bytes, answers: int = 99) -> bytes:
    """Return all that is said to `pieces`, sent one after the other: until `answers`, the end, or silence."""

    async def talk(port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        said = b""
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        try:
            while said.count(b"HTTP/1.1 ") < answers or not said.endswith((b"}", b"ok\n")):
                async with asyncio.timeout(SILENCE if answers == 99 else 30):
                    more = await reader.read(65536)
                if not more:
                    return said + b"(closed)"
                said += more
        except TimeoutError:
            pass
        except ConnectionResetError:
            said += b"(closed)"
        finally:
            writer.close()
        return said

    return await served(server, talk)


def normal(said: bytes) -> bytes:
    """Return an answer without what differs from second to second."""
    return DATE.sub(b"", said)


def request(payload: bytes, *more: str, event: str = "issues", line: str = "POST /webhooks/github HTTP/1.1") -> bytes:
    headers = {"Host": "g", **signed(payload, event), "Content-Length": str(len(payload))}
    lines = [line, *(f"{name}: {value}" for name, value in headers.items()), *more, "", ""]
    return "\r\n".join(lines).encode() + payload


STAR = request(b'{"action":"created"}', event="star")
BUG = request(str({**LABELED, "label": {"name": "bug"}}).replace("'", '"').encode())
INFRA = request(str(LABELED).replace("'", '"').encode())
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: g\r\n\r\n"
FORGED = STAR.replace(b"sha256=", b"sha256=0")
CHUNKED = (
    STAR.partition(b"Content-Length")[0] + b"Transfer-Encoding: chunked\r\n\r\n14\r\n" + STAR[-20:] + b"\r\n0\r\n\r\n"
)
ASKED = {
    "star": [STAR],
    "another label": [BUG],
    "the label": [INFRA],
    "twice the same": [INFRA, INFRA],
    "pipelined": [STAR + INFRA + BUG + STAR],
    "a page": [HEALTH],
    "a page between": [STAR + HEALTH + INFRA],
    "forged": [FORGED],
    "not JSON": [request(b"{", event="issues")],
    "no length": [STAR.replace(b"Content-Length", b"Content-Width")],
    "two lengths": [STAR.replace(b"Content-Length: 20", b"Content-Length: 20\r\nContent-Length: 3")],
    "a length that is none": [STAR.replace(b"Content-Length: 20", b"Content-Length: +20")],
    "chunked": [CHUNKED],
    "chunked with a length": [CHUNKED.replace(b"\r\n\r\n14", b"\r\nContent-Length: 3\r\n\r\n14")],
    "expects": [STAR.replace(b"Host", b"Expect: 100-continue\r\nHost")],
    "closes": [STAR.replace(b"Host", b"Connection: close\r\nHost")],
    "HTTP/1.0": [STAR.replace(b"HTTP/1.1", b"HTTP/1.0")],
    "another method": [STAR.replace(b"POST", b"PUT")],
    "a query": [STAR.replace(b"/github", b"/github?x=1")],
    "a folded line": [STAR.replace(b"Host: g", b"Host: g\r\n folded")],
    "space before the colon": [STAR.replace(b"Host:", b"Host :")],
    "a bare line feed": [STAR.replace(b"Host: g\r\n", b"Host: g\n")],
    "a null": [STAR.replace(b"Host: g", b"Host: \x00g")],
    "a header in other letters": [STAR.replace(b"X-GitHub-Event", b"x-GITHUB-event")],
    "spaces around a value": [STAR.replace(b"Event: star", b"Event:   star \t ")],
    "large": [request(b'{"action":"created","x":"' + b"y" * 500_000 + b'"}', event="star")],
    "too large": [STAR.replace(b"Content-Length: 20", b"Content-Length: 2000000")],
    "half a head": [STAR[:60]],
    "no HTTP": [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10],
}


@pytest.mark.parametrize("pieces", ASKED.values(), ids=ASKED.keys())
def test_it_answers_as_the_complete_server_does(pieces: list[bytes]) -> None:
    mine, theirs = FakeInbox(), FakeInbox()

    async def both() -> list[bytes]:
        return await asyncio.gather(
            conversation(ours(app_of(mine)), *pieces), conversation(plain(app_of(theirs)), *pieces)
        )

    said = asyncio.run(both())
    assert normal(said[0]) == normal(said[1])
    assert (mine.jobs, mine.asked) == (theirs.jobs, theirs.asked)


def test_a_body_that_does_not_come_is_not_waited_for_without_end() -> None:
    said = asyncio.run(conversation(ours(app_of(FakeInbox())), STAR[:-5], answers=1))
    assert said.startswith(b"HTTP/1.1 408 Request Timeout\r\n")


@settings(deadline=None, max_examples=25)
@given(
    asked=st.lists(st.sampled_from([STAR, BUG, INFRA, FORGED, HEALTH, CHUNKED]), min_size=1, max_size=5),
    cuts=st.lists(st.integers(0, 4000), max_size=6),
)
def test_pieces_and_order_change_no_answer(asked: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(asked)
    places = [0, *sorted({cut for cut in cuts if cut < len(stream)}), len(stream)]
    pieces = [stream[begin:end] for begin, end in pairwise(places)]
    inbox = FakeInbox()
    said = asyncio.run(conversation(ours(app_of(inbox)), *pieces, answers=len(asked)))
    statuses = {STAR: b"200", BUG: b"200", INFRA: b"202", FORGED: b"401", HEALTH: b"200", CHUNKED: b"200"}
    assert re.findall(rb"HTTP/1.1 (\d+)", said) == [statuses[one] for one in asked]
    assert len(inbox.jobs) == (INFRA in asked)


def test_an_answer_that_is_owed_is_given_before_the_server_ends() -> None:
    async def run() -> tuple[bytes, int]:
        inbox = SlowInbox()
        server = ours(app_of(inbox))

        async def talk(port: int) -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(INFRA)
            await inbox.begun.wait()
            server.should_exit = True
            asyncio.get_running_loop().call_later(SILENCE, inbox.let.set)
            said = await reader.read()
            writer.close()
            return said

        return await served(server, talk), len(inbox.jobs)

    said, jobs = asyncio.run(run())
    assert said.startswith(b"HTTP/1.1 202 Accepted\r\n")
    assert b"connection: close\r\n" in said
    assert jobs == 1


def test_a_connection_that_is_idle_holds_up_no_end() -> None:
    async def talk(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(STAR)
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200 OK\r\n")
        return reader, writer

    async def run() -> bytes:
        reader, writer = await served(ours(app_of(FakeInbox())), talk)
        rest = await reader.read()
        writer.close()
        return rest

    assert asyncio.run(run()) == b""


@given(st.binary(max_size=300), st.integers(0, len(STAR)))
def test_no_bytes_break_the_reading(noise: bytes, place: int) -> None:
    for data in (noise, STAR[:place] + noise, STAR[:place] + noise + STAR[place:]):
        found = whole(data, longest=1000)
        assert isinstance(found, Request | Unfinished)
        if isinstance(found, Request):
            assert found.end <= len(data)
            assert data[: found.end].endswith(found.body)


@given(st.integers(0, len(STAR) - 1))
def test_a_request_that_began_is_waited_for(place: int) -> None:
    assert whole(STAR[:place], longest=1000) is Unfinished.MORE
    found = whole(STAR + STAR[:place], longest=1000)
    assert isinstance(found, Request)
    assert found.end == len(STAR)
