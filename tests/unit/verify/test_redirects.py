"""A published port's answer tells the redirects that were followed, and only those."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.verify.outside import ask
from bot.verify.plan import PublishedPort

REDIRECTS = {"/old": "/older", "/older": "/", "/round": "/round", "/away": "https://www.example.org/"}


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        to = REDIRECTS.get(self.path)
        self.send_response(302 if to else 200)
        if to:
            self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_said: object) -> None:
        """Say nothing: the test's output is not its place."""


@pytest.fixture
def site() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "ok", "status", "hops"),
    [
        ("/", True, 200, ()),
        ("/old", True, 200, ("/older", "/")),
        ("/away", True, 302, ("https://www.example.org/",)),
        ("/round", False, 302, ("/round",) * 5),
    ],
)
def test_hops_are_the_redirects_followed(site: int, path: str, ok: bool, status: int, hops: tuple[str, ...]) -> None:
    port = PublishedPort(service="web", published=8080, target=80, protocol="tcp")
    answer = ask(port, path, {("web", 80): site})
    assert (answer.ok, answer.status, answer.hops) == (ok, status, hops)
