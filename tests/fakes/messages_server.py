"""A server that speaks Anthropic's Messages API, streaming, from a script: replies, errors, and streams that break."""

from __future__ import annotations

import base64
import json
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# Where Google's client gets a token for a service account.
TOKENS = "/token"


def amazon_event(event: bytes) -> bytes:
    """Return `event` as a message of Amazon's binary event stream: lengths, checksums, headers, payload."""
    told = ((":event-type", "chunk"), (":content-type", "application/json"), (":message-type", "event"))
    headers = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value)) + value.encode()
        for name, value in told
    )
    payload = json.dumps({"bytes": base64.b64encode(event).decode()}).encode()
    prelude = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack("!I", zlib.crc32(message))


@dataclass(frozen=True)
class Answer:
    """A reply: text, tool calls as (name, arguments), and why it stops."""

    text: str = ""
    calls: tuple[tuple[str, dict[str, Any]], ...] = ()
    stop_reason: str = ""
    usage: tuple[int, int, int, int] = (100, 50, 0, 20)  # fresh, written, read, output

    @property
    def reason(self) -> str:
        return self.stop_reason or ("tool_use" if self.calls else "end_turn")


@dataclass(frozen=True)
class Trouble:
    """An error: a status with its headers, or, with status 200, a stream that ends with `kind` or breaks off."""

    status: int
    kind: str = "api_error"
    message: str = "trouble"
    retry_after: str = ""
    breaks_off: bool = False


# An answer that depends on what was asked.
Reading = Callable[[dict[str, Any]], Answer]


@dataclass
class MessagesServer:
    """Answers each request with the next part of the script; the last answer is repeated when it runs out."""

    script: list[Answer | Trouble | Reading]
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    url: str = ""

    def next(self, request: dict[str, Any], headers: dict[str, str]) -> tuple[int, Answer | Trouble]:
        self.requests.append(request)
        self.headers.append(headers)
        number = len(self.requests)
        part = self.script[min(number, len(self.script)) - 1]
        return number, part if isinstance(part, Answer | Trouble) else part(request)


@contextmanager
def messages_server(*script: Answer | Trouble | Reading) -> Iterator[MessagesServer]:
    told = MessagesServer(list(script))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == TOKENS:
                self._answer(200, {"access_token": "ya29.test", "expires_in": 3600, "token_type": "Bearer"})
                return
            body = json.loads(content)
            told.paths.append(self.path)
            number, part = told.next(body, dict(self.headers))
            if isinstance(part, Trouble) and part.status != 200:
                self._refuse(part)
                return
            self.close_connection = True
            amazon = self.path.endswith("/invoke-with-response-stream")
            self.send_response(200)
            self.send_header("Content-Type", "application/vnd.amazon.eventstream" if amazon else "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            model = body.get("model", "the one in the path")
            events = list(_broken(part, number) if isinstance(part, Trouble) else _events(part, number, model))
            for kind, data in events:
                event = json.dumps({"type": kind, **data}).encode()
                self.wfile.write(amazon_event(event) if amazon else b"event: %b\ndata: %b\n\n" % (kind.encode(), event))

        def _refuse(self, part: Trouble) -> None:
            self._answer(part.status, _error(part), part.retry_after)

        def _answer(self, status: int, told_json: dict[str, Any], retry_after: str = "") -> None:
            content = json.dumps(told_json).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if retry_after:
                self.send_header("retry-after", retry_after)
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


def _error(part: Trouble) -> dict[str, Any]:
    return {"type": "error", "error": {"type": part.kind, "message": part.message}}


def _start(number: int, model: str, usage: tuple[int, int, int, int]) -> dict[str, Any]:
    fresh, written, read, _output = usage
    counts = {"input_tokens": fresh, "cache_creation_input_tokens": written, "cache_read_input_tokens": read}
    return {
        "message": {
            "id": f"msg_{number}",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {**counts, "output_tokens": 1},
        }
    }


def _events(part: Answer, number: int, model: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "message_start", _start(number, model, part.usage)
    blocks: list[tuple[dict[str, Any], dict[str, Any]]] = []
    if part.text:
        blocks.append(({"type": "text", "text": ""}, {"type": "text_delta", "text": part.text}))
    for index, (name, arguments) in enumerate(part.calls):
        begun = {"type": "tool_use", "id": f"toolu_{number}_{index}", "name": name, "input": {}}
        blocks.append((begun, {"type": "input_json_delta", "partial_json": json.dumps(arguments)}))
    for index, (begun, delta) in enumerate(blocks):
        yield "content_block_start", {"index": index, "content_block": begun}
        yield "content_block_delta", {"index": index, "delta": delta}
        yield "content_block_stop", {"index": index}
    stop = {"stop_reason": part.reason, "stop_sequence": None}
    yield "message_delta", {"delta": stop, "usage": {"output_tokens": part.usage[3]}}
    yield "message_stop", {}


def _broken(part: Trouble, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "message_start", _start(number, "broken", (1, 0, 0, 1))
    if not part.breaks_off:
        yield "error", _error(part)
