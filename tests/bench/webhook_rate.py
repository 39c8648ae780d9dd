"""Compares our webhook intake with probot's: requests a second and p99, the same signed payloads, pairs in one run.

    npm install --prefix out/probot probot@14 && python -m tests.bench.webhook_rate --probot out/probot

95% of the payloads concern nobody, 5% are labels that are on the disk before they are answered; that is what is
measured, for both. What then becomes of a stored job is not: ours waits for a quiet moment, a second at most, and then
takes a tenth of the time while webhooks pour in; probot's is a line in a file. Prints ratios, never asserts times.
Without probot, ours is measured alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import uvloop

from bot.event.delivery import sign
from tests.story.emulator.github import free_port

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "tests/npm/node_modules/@octokit/webhooks-examples/api.github.com/index.json"
SECRET = "the bench's own secret"
SIZE = 12_000  # bytes of a payload: what GitHub sends for an issue with some text
CONNECTIONS = 32
LENGTH = re.compile(rb"(?i)content-length: (\d+)")


@dataclass(frozen=True)
class Measured:
    rate: float
    p50: float
    p99: float
    statuses: dict[int, int]


def main() -> int:
    """Run pairs, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--probot", type=Path, help="folder with probot in its node_modules")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--requests", type=int, default=12_000, help="of each measurement")
    arguments = parser.parse_args()
    print(f"{arguments.requests} signed payloads of {SIZE // 1000} KB, 5% labels, over {CONNECTIONS} connections")
    ratios: list[tuple[float, float]] = []
    for pair in range(arguments.pairs):
        with tempfile.TemporaryDirectory() as folder:
            own = measured(own_server(Path(folder)), arguments.requests, seed=pair)
            shown("groundwork", own)
            if arguments.probot:
                peer = measured(probot_server(arguments.probot, Path(folder)), arguments.requests, seed=pair)
                shown("probot", peer)
                ratios.append((own.rate / peer.rate, own.p99 / peer.p99))
                print(f"  pair {pair + 1}: {ratios[-1][0]:.2f} x the rate, {ratios[-1][1]:.2f} x the p99")
    if ratios:
        rate, p99 = (statistics.median(column) for column in zip(*ratios, strict=True))
        print(f"median of {len(ratios)} pairs: {rate:.2f} x probot's rate, {p99:.2f} x its p99")
    return 0


def shown(name: str, it: Measured) -> None:
    print(f"  {name:<11} {it.rate:7.0f} requests/s   p50 {it.p50:6.1f} ms   p99 {it.p99:6.1f} ms   {it.statuses}")


def own_server(folder: Path) -> tuple[list[str], int]:
    port = free_port()
    return [sys.executable, "-m", "tests.bench.webhook_server", str(folder), str(port), SECRET], port


def probot_server(probot: Path, folder: Path) -> tuple[list[str], int]:
    port = free_port()
    peer = ROOT / "tests/bench/webhook_peer.mjs"
    return ["node", str(peer), str(probot.resolve()), str(folder / "jobs"), str(port), SECRET], port


def measured(server: tuple[list[str], int], requests: int, *, seed: int) -> Measured:
    words, port = server
    with running(words, port), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(drive(port, list(payloads(requests // 10, seed=seed, labels=False))))  # warm
        return runner.run(drive(port, list(payloads(requests, seed=seed))))


@contextmanager
def running(words: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until and process.poll() is None:
            try:
                asyncio.run(reachable(port))
                break
            except OSError:
                time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def reachable(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


def payloads(count: int, *, seed: int, labels: bool = True) -> Iterator[bytes]:
    """Whole requests: GitHub's own examples, filled up to the size that real ones have."""
    chance = random.Random(seed)
    examples = {event["name"]: event["examples"] for event in json.loads(EXAMPLES.read_bytes())}
    others = [
        (name, padded({**example, "installation": {"id": 3}}))
        for name in ("push", "check_run", "issues", "issue_comment", "pull_request", "star", "status", "create")
        for example in examples[name]
        if (name, example.get("action")) not in {("issue_comment", "created"), ("check_run", "rerequested")}
    ]
    labeled = next(one for one in examples["issues"] if one["action"] == "labeled")
    irrelevant = cycle(chance.sample(others, len(others)))
    kinds = [labels] * (count // 20) + [False] * (count - count // 20)
    chance.shuffle(kinds)
    for number, concerns_us in enumerate(kinds):
        if concerns_us:
            issue = {**labeled["issue"], "number": seed * 1_000_000 + number, "state": "open"}
            label = {**labeled, "issue": issue, "label": {"name": "infra"}, "installation": {"id": 3}}
            yield request("issues", padded(label))
        else:
            yield request(*next(irrelevant))


def padded(payload: dict[str, Any]) -> bytes:
    short = len(json.dumps(payload).encode())
    return json.dumps({**payload, "padding": "x" * max(0, SIZE - short)}).encode()


def request(event: str, body: bytes) -> bytes:
    return (
        "POST /webhooks/github HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"User-Agent: GitHub-Hookshot/0\r\nX-GitHub-Event: {event}\r\nX-GitHub-Delivery: {uuid.uuid4()}\r\n"
        f"X-Hub-Signature-256: {sign(body, SECRET)}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def drive(port: int, requests: list[bytes]) -> Measured:
    """Send all, each connection its next request as soon as its last is answered."""
    loop = asyncio.get_running_loop()
    waiting, taken, statuses = iter(requests), list[float](), Counter[int]()
    ended = [loop.create_future() for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for end in ended:
        await loop.create_connection(lambda end=end: Caller(waiting, taken, statuses, end), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*ended)
    whole = time.perf_counter() - began
    cuts = statistics.quantiles(taken, n=100)
    return Measured(len(requests) / whole, cuts[49] * 1000, cuts[98] * 1000, dict(statuses))


class Caller(asyncio.Protocol):
    """One connection, as light as can be: what the caller costs is taken from what it measures."""

    def __init__(
        self, waiting: Iterator[bytes], taken: list[float], statuses: Counter[int], end: asyncio.Future[None]
    ) -> None:
        self._waiting, self._taken, self._statuses, self._end = waiting, taken, statuses, end
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found:
            return
        length = LENGTH.search(head)
        if len(body) < int(length[1]) if length else not body.endswith(b"0\r\n\r\n"):
            return
        self._taken.append(time.perf_counter() - self._began)
        self._statuses[int(head[9:12])] += 1
        self._answer = b""
        self._next()

    def _next(self) -> None:
        data = next(self._waiting, None)
        if data is None:
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(data)  # type: ignore[attr-defined]

    def connection_lost(self, error: Exception | None) -> None:
        if error or self._answer:
            self._end.set_exception(error or ConnectionError("half an answer"))
        else:
            self._end.set_result(None)


if __name__ == "__main__":
    sys.exit(main())
