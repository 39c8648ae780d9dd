"""Signed bytes through the real application: the right status, one counter, and work only where there is some."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import uvicorn

from bot.event.delivery import sign
from bot.job.kinds import Context, Job, JobKind
from bot.web.app import WebApp
from bot.web.inbox import Accepted, InboxUnavailableError
from bot.web.intake import Intake

SECRET, OLD_SECRET = "new secret", "old secret"
LABELED: dict[str, Any] = {
    "action": "labeled",
    "issue": {"number": 7, "title": "Add infra", "updated_at": "2026-01-02T03:04:05Z"},
    "label": {"name": "infra"},
    "repository": {"id": 2, "full_name": "o/shop"},
    "installation": {"id": 3},
    "sender": {"id": 1, "login": "mona"},
}


class FakeInbox:
    """Keeps jobs by key; `broken` holds why it cannot."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.asked = 0
        self.broken = ""

    async def accept(self, job: Job) -> Accepted:
        self.asked += 1
        if self.broken:
            raise InboxUnavailableError(self.broken, hint="look at the database")
        if job.key in self.jobs:
            return "duplicate"
        self.jobs[job.key] = job
        return "stored"

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def settled(self) -> None: ...

    async def unready(self) -> str:
        return self.broken


class Server:
    """The application without a network."""

    def __init__(self, inbox: FakeInbox, **limits: Any) -> None:
        intake = Intake(secrets=[SECRET, OLD_SECRET], context=Context(app_id=42, bot="groundwork[bot]"), **limits)
        self.inbox = inbox
        self.app = WebApp(intake, inbox)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://groundwork.test") as client:
                return await client.request(method, path, **more)

        return asyncio.run(send())

    def deliver(self, payload: object = LABELED, *, event: str = "issues", secret: str = SECRET, **headers: str) -> Any:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("POST", "/webhooks/github", content=body, headers={**signed(body, event, secret), **named})

    def counts(self) -> dict[str, int]:
        lines = self.request("GET", "/metrics").text.splitlines()
        return {line.split('"')[1]: int(line.split()[-1]) for line in lines if not line.startswith("#")}


def signed(body: bytes, event: str = "issues", secret: str = SECRET) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": "d-1",
        "X-Hub-Signature-256": sign(body, secret),
    }


@pytest.fixture
def server() -> Server:
    return Server(FakeInbox(), max_size=10_000)


def test_a_labelled_issue_is_stored_once_and_answered_alike(server: Server) -> None:
    first, second = server.deliver(), server.deliver(secret=OLD_SECRET)
    assert (first.status_code, first.json()) == (202, {"job": "start/2/7/d-1"})
    assert (second.status_code, second.json()) == (first.status_code, first.json())
    (job,) = server.inbox.jobs.values()
    assert (job.kind, job.repository) == (JobKind.START, "o/shop")
    assert server.counts() == {"stored": 1, "duplicate": 1}


@pytest.mark.parametrize(
    ("payload", "event", "words"),
    [
        ({**LABELED, "label": {"name": "bug"}}, "issues", "another label"),
        ({"action": "created"}, "star", "not read"),
        ({"zen": "x", "hook_id": 1}, "ping", "ping"),
    ],
)
def test_what_does_not_concern_us_does_not_touch_the_inbox(
    server: Server, payload: Any, event: str, words: str
) -> None:
    answer = server.deliver(payload, event=event)
    assert answer.status_code == 200
    assert words in answer.json()["ignored"]
    assert (server.inbox.asked, server.counts()) == (0, {"ignored": 1})


@pytest.mark.parametrize(
    ("more", "status", "counter"),
    [
        ({"X_Hub_Signature_256": ""}, 401, "unsigned"),
        ({"secret": "guess"}, 401, "bad_signature"),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415, "content_type"),
        ({"X_GitHub_Delivery": ""}, 400, "malformed"),
        ({"payload": b"{"}, 400, "malformed"),
        ({"payload": {"action": "labeled"}}, 400, "malformed"),
        ({"payload": b" " * 10_001}, 413, "too_large"),
    ],
)
def test_what_is_not_githubs_is_refused(server: Server, more: dict[str, Any], status: int, counter: str) -> None:
    answer = server.deliver(**more)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert (server.inbox.asked, server.counts()) == (0, {counter: 1})


def test_a_body_without_length_is_cut_off_at_the_limit(server: Server) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b" " * 1000

    answer = server.request("POST", "/webhooks/github", content=endless(), headers=signed(b""))
    assert (answer.status_code, server.counts()) == (413, {"too_large": 1})
    assert 10 < sent < 20
    announced = {**signed(b""), "Content-Length": "10001"}
    sent = 0
    assert server.request("POST", "/webhooks/github", content=endless(), headers=announced).status_code == 413
    assert sent <= 1, "what announces its size is not even read"


def test_a_body_that_does_not_come_is_given_up() -> None:
    server = Server(FakeInbox(), patience=0.01)

    async def stalled() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    answer = server.request("POST", "/webhooks/github", content=stalled(), headers=signed(b""))
    assert (answer.status_code, server.counts()) == (408, {"too_slow": 1})


def test_an_inbox_that_is_down_promises_nothing(server: Server) -> None:
    server.inbox.broken = "The database does not answer."
    answer = server.deliver()
    assert (answer.status_code, answer.json()["error"]) == (503, "The database does not answer.")
    assert answer.headers["retry-after"]
    assert server.request("GET", "/readyz").status_code == 503
    assert server.request("GET", "/healthz").status_code == 200
    server.inbox.broken = ""
    assert server.request("GET", "/readyz").text == "ready\n"
    assert server.deliver().status_code == 202


def test_other_methods_and_addresses_are_not_served(server: Server) -> None:
    assert server.request("GET", "/webhooks/github").status_code == 405
    assert server.request("POST", "/webhooks/other").status_code == 404


@pytest.fixture
def address(server: Server) -> Iterator[tuple[str, int]]:
    """The same application behind a real server on the loopback."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        running = uvicorn.Server(uvicorn.Config(server.app, log_level="warning", ws="none"))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()
        running.should_exit = True
        thread.join(timeout=10)


def test_over_a_real_connection(server: Server, address: tuple[str, int]) -> None:
    body = json.dumps(LABELED).encode()
    url = f"http://{address[0]}:{address[1]}"
    with httpx.Client(base_url=url, trust_env=False, transport=httpx.HTTPTransport(retries=5)) as client:
        assert client.post("/webhooks/github", content=body, headers=signed(body)).status_code == 202
        assert client.post("/webhooks/github", content=b" " * 20_000, headers=signed(b"")).status_code == 413
        with socket.create_connection(address) as caller:  # hangs up in the middle of its body
            caller.sendall(b"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        assert client.get("/healthz").text == "ok\n"
    assert len(server.inbox.jobs) == 1
