"""The outside view, against real sockets on loopback."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.verify.outside import ask
from bot.verify.plan import PublishedPort


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        places = {
            "/go": "/there",
            "/loop": "/loop",
            "/away": "https://example.org/",
            "/other": "http://localhost:8443/",
        }
        self.send_response(302 if self.path in places else 500 if self.path == "/broken" else 200)
        if self.path in places:
            self.send_header("Location", places[self.path])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextmanager
def listener(*, closes: bool) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                if closes:
                    connection.close()
                else:
                    kept.append(connection)

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        for connection in kept:
            connection.close()


PORT = PublishedPort(service="web", published=8080, target=80, protocol="tcp")


@pytest.mark.parametrize(
    ("path", "ok", "status", "hops"),
    [
        ("/", True, 200, ()),
        ("/go", True, 200, ("/there",)),
        ("/away", True, 302, ("https://example.org/",)),
        ("/other", True, 302, ("http://localhost:8443/",)),
        ("/broken", False, 500, ()),
    ],
)
def test_http_is_followed_as_a_person_would(
    site: int, path: str, *, ok: bool, status: int, hops: tuple[str, ...]
) -> None:
    answer = ask(PORT, path, {("web", 80): site})
    assert (answer.protocol, answer.ok, answer.status, answer.hops) == ("http", ok, status, hops)


def test_a_redirect_loop_is_no_answer(site: int) -> None:
    answer = ask(PORT, "/loop", {("web", 80): site})
    assert not answer.ok
    assert "redirected" in answer.error


def test_a_redirect_to_another_published_port_goes_where_that_was_moved(site: int) -> None:
    assert ask(PORT, "/other", {("web", 80): site}, {8443: site}).hops == ("/",)


def test_tcp_is_asked_without_words_and_a_proxy_for_nobody_is_found_out() -> None:
    with listener(closes=False) as port:
        answer = ask(PORT, "", {("web", 80): port})
        assert (answer.ok, answer.protocol) == (True, "tcp")
    with listener(closes=True) as port:
        answer = ask(PORT, "/", {("web", 80): port})
        assert not answer.ok
        assert "nothing listens" in answer.error


def test_a_port_that_was_never_open_says_so() -> None:
    assert "not open" in ask(PORT, "/", {}).error
