"""How the App behaves towards GitHub's API: it waits as it is told to, asks again only where safe, and asks little."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.forge.github.access import AppKey, GitHubApp
from bot.forge.github.refusal import GitHubError, RateLimitedError, UnansweredError
from bot.forge.github.repository_api import Need, Place, RepositoryApi

Answer = tuple[int, dict[str, str], Any]
FINE: Answer = (200, {}, {"fine": True})
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}


@dataclass
class Server:
    """Answers by a script, its last answer again and again, and keeps what was asked."""

    script: list[Answer]
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    on_request: Callable[[], object] = lambda: None
    url: str = ""


@contextmanager
def answering(*script: Answer) -> Iterator[Server]:
    told = Server(list(script))
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path.endswith("/access_tokens"):
                self._answer((201, {}, {"token": "t", "expires_at": "2099-01-01T00:00:00Z"}))
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            with lock:
                told.asked.append((self.command, self.path, headers))
                told.at_once += 1
                told.most_at_once = max(told.most_at_once, told.at_once)
                answer = told.script.pop(0) if len(told.script) > 1 else told.script[0]
            told.on_request()
            etag = answer[1].get("etag")
            if etag and headers.get("if-none-match") == etag:
                answer = (304, answer[1], None)
            with lock:
                told.at_once -= 1
            self._answer(answer)

        do_POST = do_GET  # noqa: N815 -- the base class names it so

        def _answer(self, answer: Answer) -> None:
            status, headers, body = answer
            content = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class names it so
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def key() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return made.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def api(server: Server, key: str) -> RepositoryApi:
    app = GitHubApp(AppKey(app_id=1, private_key=key, api_url=server.url))
    return RepositoryApi(app, Place(installation=7, repository_id=8, name="acme/shop"))


def ask(server: Server, key: str, method: str = "GET", times: int = 1) -> list[Any]:
    async def story() -> list[Any]:
        repository = api(server, key)
        return [await repository.ask(Need.PULL_REQUESTS, method, "pulls/1") for _ in range(times)]

    return asyncio.run(story())


@pytest.mark.parametrize(
    "limit",
    [
        (429, {"retry-after": "0"}, SECONDARY),
        (403, {"retry-after": "0"}, SECONDARY),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, {"message": "API rate limit exceeded"}),
    ],
)
def test_a_limit_that_is_soon_over_is_waited_for_once(limit: Answer, key: str) -> None:
    with answering(limit, FINE) as server:
        assert ask(server, key, "POST") == [{"fine": True}]
        assert len(server.asked) == 2
    with answering(limit) as server, pytest.raises(RateLimitedError):
        ask(server, key)
    assert len(server.asked) == 2, "bounded: the run sleeps then, not the request"


@pytest.mark.parametrize(
    ("limit", "seconds"),
    [
        ((429, {"retry-after": "600"}, SECONDARY), 600),
        ((403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 3600)}, SECONDARY), 3600),
        ((403, {}, SECONDARY), 60),
        ((429, {}, {"message": "Too many"}), 60),
    ],
)
def test_a_limit_that_lasts_is_told_with_its_seconds_and_not_asked_against(
    limit: Answer, seconds: int, key: str
) -> None:
    with answering(limit) as server, pytest.raises(RateLimitedError) as told:
        ask(server, key)
    assert len(server.asked) == 1
    assert seconds / 2 < told.value.seconds <= seconds
    assert "rate limit is reached; it listens again in" in told.value.what


def test_a_limit_of_graphql_comes_with_status_200(key: str) -> None:
    errors = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
    with answering((200, {}, errors)) as server, pytest.raises(RateLimitedError):
        asyncio.run(api(server, key).graphql(Need.THREADS, "query { viewer { login } }", {}))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_server_that_fails_is_asked_again_by_the_step_alone(method: str, key: str) -> None:
    with answering((502, {}, {"message": "Bad gateway"})) as server, pytest.raises(UnansweredError):
        ask(server, key, method)
    assert len(server.asked) == 1


def test_what_is_refused_is_not_asked_again(key: str) -> None:
    with answering((422, {}, {"message": "Validation Failed", "errors": ["no"]})) as server:
        with pytest.raises(GitHubError, match="no"):
            ask(server, key, "POST")
        assert len(server.asked) == 1


def test_what_did_not_change_costs_nothing(key: str) -> None:
    headers = {"etag": '"abc"', "cache-control": "private, max-age=60, s-maxage=60", "vary": "Accept, Authorization"}
    with answering((200, headers, {"fine": True})) as server:
        assert ask(server, key, times=3) == [{"fine": True}] * 3
    assert [asked[2].get("if-none-match") for asked in server.asked] == [None, '"abc"', '"abc"']


def test_few_requests_of_an_installation_are_under_way_at_once(key: str) -> None:
    full = threading.Barrier(8)

    async def story(server: Server) -> None:
        repository = api(server, key)
        await asyncio.gather(*(repository.ask(Need.PULL_REQUESTS, "GET", f"pulls/{n}") for n in range(24)))

    with answering(FINE) as server:
        # Each waits until eight are there: with more of them allowed, more would be seen.
        server.on_request = lambda: full.wait(timeout=20)
        asyncio.run(story(server))
        assert server.most_at_once == 8


def test_old_answers_are_let_go() -> None:
    from bot.forge.github.answers import KeptAnswers

    storage = asyncio.run(KeptAnswers().get_async_hishel_storage())
    assert storage.default_ttl == 3600
