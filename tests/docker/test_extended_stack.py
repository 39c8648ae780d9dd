"""A stack that people wrote, extended by an issue, for real: to healthy, and a job goes through the new worker."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from bot.blueprint.engine import BlueprintEngine
from bot.brief.defaults import with_defaults
from bot.brief.read import read_brief
from bot.model.issue import Issue
from tests.docker.test_blueprint_stacks import PATIENCE, Running, free_port, get
from tests.docker.test_existing_applications import lock
from tests.unit.blueprint.fit.repositories import package

pytestmark = pytest.mark.docker

ADD = Issue(number=4, title="Add Redis and a worker", body="Mail is to be sent by a background worker.")
SERVER = """
const http = require('http');
const client = require('redis').createClient({ url: process.env.REDIS_URL });
const server = http.createServer(async (request, answer) => {
  if (request.url === '/health') return answer.end(await client.ping());
  if (request.url.startsWith('/send/')) { await client.lPush('mail', request.url.slice(6)); return answer.end('queued'); }
  answer.end(await client.get('sent') ?? 'nothing');
});
client.connect().then(() => server.listen(process.env.PORT || 4000));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
"""
WORKER = """
const client = require('redis').createClient({ url: process.env.REDIS_URL });
async function run() {
  await client.connect();
  for (;;) {
    const job = await client.brPop('mail', 1);
    if (job) await client.set('sent', job.element);
  }
}
run();
process.on('SIGTERM', () => process.exit(0));
"""
COMPOSE = """\
# Written by hand, by people who know why.
services:
  cache-of-old:   # nobody remembers
    image: memcached:1.6-alpine

  api:
    build: ./backend   # ours
    environment:
      - PORT=4000
    ports:
      - "127.0.0.1:${BACKEND_PORT:-4000}:4000"
    depends_on:
      - cache-of-old
    healthcheck:
      test: ["CMD", "wget", "-q", "-O", "-", "http://127.0.0.1:4000/health"]
      interval: 2s
      timeout: 3s
      retries: 10
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    tmp_path.chmod(0o755)
    files = {
        "src/backend/package.json": package(
            scripts={"start": "node server.js", "worker": "node worker.js"}, dependencies={"redis": "^5.5.0"}
        ),
        "src/backend/server.js": SERVER,
        "src/backend/worker.js": WORKER,
        "src/docker-compose.yml": COMPOSE,
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    lock(tmp_path / "src/backend", "npm")
    work = asyncio.run(BlueprintEngine().build(with_defaults(read_brief(tmp_path, ADD)), ADD, tmp_path))
    assert work.ended == ""
    (tmp_path / "src/.env").write_text(f"BACKEND_PORT={free_port()}\n")
    stack = Running(root=tmp_path, project=f"gw-extended-{uuid4().hex[:8]}", files=("docker-compose.yml",))
    try:
        stack.compose("up", "--build", "--detach", "--wait", timeout=420)
        yield stack
    finally:
        stack.compose("down", "--volumes", "--rmi", "local", "--timeout", "1", check=False)


def test_what_was_there_and_what_was_added_work_together(running: Running) -> None:
    services = running.services()
    assert set(services) == {"cache-of-old", "api", "redis", "worker"}
    assert services["worker"]["Health"] == services["api"]["Health"] == services["redis"]["Health"] == "healthy"
    address = f"http://127.0.0.1:{json.loads(running.compose('config', '--format', 'json'))['services']['api']['ports'][0]['published']}"
    assert get(f"{address}/send/a-letter") == (200, b"queued")
    until = time.monotonic() + PATIENCE
    while get(f"{address}/sent")[1] != b"a-letter":
        assert time.monotonic() < until, running.compose("logs", "worker")
    begin = time.monotonic()
    running.compose("stop", "worker")
    assert time.monotonic() - begin < PATIENCE
