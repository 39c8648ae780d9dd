"""A sandbox with the egress `registries` on a real engine: the proxy is all it reaches, and what it asked for is told."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import threading
import urllib.parse
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.agent.allowlist import HTTP, HTTPS, Allowlist, registries
from bot.agent.egress import let_out
from bot.agent.proxy import Proxy
from bot.agent.proxy import resolve as look_up
from bot.agent.sandbox import Box, CommandResult, Sandbox

pytestmark = pytest.mark.docker
IMAGE = "python:3.12-slim"
NODE = "node:22-alpine"
HOST = "packages.example"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
NAME = f"groundwork-egress-test-{os.getpid()}"
# The first address of its network, where a bridge has this machine's own.
GATEWAY = """python3 - <<'EOF'
import ipaddress, socket
own = ipaddress.ip_interface(socket.gethostbyname(socket.gethostname()) + '/16').network
for network in (own, *own.subnets(new_prefix=24)):
    if ipaddress.ip_address(socket.gethostbyname(socket.gethostname())) in network:
        try:
            socket.create_connection((str(network[1]), PORT), 3)
        except OSError:
            continue
        break
else:
    raise SystemExit(1)
EOF"""
Talk = Callable[[Sandbox], Awaitable[list[CommandResult]]]


class Registry(BaseHTTPRequestHandler):
    """Serves one wheel index, to nobody but this machine."""

    def do_GET(self) -> None:
        body = b"the package"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Be quiet."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    from docker import APIClient

    engine = APIClient(version="auto")
    yield engine
    engine.close()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    made = tmp_path / "tree"
    made.mkdir()
    return made


async def loopback(_host: str, _port: int) -> tuple[str, ...]:
    return ("127.0.0.1",)


def inside(client: Any, tree: Path, proxy: Proxy, talk: Talk, image: str = IMAGE) -> list[CommandResult]:
    async def story() -> list[CommandResult]:
        def announce(command: str) -> None:
            proxy.asking = command

        box = Box(image=image, memory=512, cpus=1.0, pids=64, disk=256, file=256)
        async with let_out(client, box, proxy, name=NAME, relay_image=IMAGE) as wider:
            sandbox = Sandbox(client, wider, tree, name=f"{NAME}-box", announce=announce)
            try:
                return await talk(sandbox)
            finally:
                await sandbox.close()

    return asyncio.run(story())


def commands(*lines: str, seconds: float = 60) -> Talk:
    async def talk(sandbox: Sandbox) -> list[CommandResult]:
        return [await sandbox.run(line, seconds=seconds) for line in lines]

    return talk


def fetch(url: str) -> str:
    """A command that gets `url` as any client does: by the proxy that its environment names."""
    return f"python3 -c \"import urllib.request; print(urllib.request.urlopen('{url}', timeout=20).read().decode())\""


def dial(host: str, port: int) -> str:
    """A command that connects without asking the proxy."""
    return f"python3 -c \"import socket; socket.create_connection(('{host}', {port}), 3)\""


def left(client: Any) -> list[Any]:
    return [
        *client.containers(all=True, filters={"name": NAME}),
        *client.networks(filters={"name": NAME}),
    ]


def test_a_registry_is_reached_through_the_proxy_and_everything_else_is_refused_and_told(
    client: Any, tree: Path, port: int
) -> None:
    target = frozenset({(HOST, port)})
    proxy = Proxy(Allowlist(target, target), resolve=loopback, may_reach_own=lambda _address: True)
    asked = [
        fetch(f"http://{HOST}:{port}/simple/"),
        fetch("http://evil.example/upload"),
        fetch("http://169.254.169.254/latest/meta-data/"),
        fetch(f"http://127.0.0.1:{port}/").replace("import", "import os; os.environ.pop('no_proxy'); import"),
        fetch("https://evil.example/"),
    ]
    results = inside(client, tree, proxy, commands(*asked))
    assert [result.exit_code for result in results] == [0, 1, 1, 1, 1], [result.output for result in results]
    assert "the package" in results[0].output
    told = [(refusal.target, refusal.command) for refusal in proxy.refusals]
    assert told == [
        ("evil.example:80", asked[1][:200]),
        ("169.254.169.254:80", asked[2][:200]),
        (f"127.0.0.1:{port}", asked[3][:200]),
        ("evil.example:443", asked[4][:200]),
    ]
    assert left(client) == []


def test_without_the_proxy_there_is_no_way_and_no_name(client: Any, tree: Path) -> None:
    """The registry listens on all addresses here, so that only the network can be what keeps the sandbox from it."""
    server = ThreadingHTTPServer(("0.0.0.0", 0), Registry)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        own = [HTTP, server.server_port]
        gateway = "$(ip route 2>/dev/null | awk '/default/ {print $3}')"
        asked = [
            *(dial(host, port) for host in (*addresses(), "172.17.0.1", "169.254.169.254", "1.1.1.1") for port in own),
            "python3 -c \"import socket; print(socket.getaddrinfo('example.org', 80))\"",
            "python3 -c \"import socket; print(socket.getaddrinfo('host.docker.internal', 80))\"",
            f'test -n "{gateway}"',
            GATEWAY.replace("PORT", str(server.server_port)),
        ]
        results = inside(client, tree, Proxy(Allowlist(frozenset())), commands(*asked))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    reached = [line for line, result in zip(asked, results, strict=True) if result.exit_code == 0]
    assert reached == []


def addresses() -> list[str]:
    """This machine's own addresses."""
    ran = subprocess.run(["hostname", "-I"], check=False, capture_output=True, text=True)
    return ran.stdout.split()[:3]


def test_the_relay_cannot_be_talked_into_anything_but_the_proxy(client: Any, tree: Path) -> None:
    asked = (dial("egress", 22), dial("egress", 80), dial("egress", 3128))
    results = inside(client, tree, Proxy(Allowlist(frozenset())), commands(*asked))
    assert [result.exit_code == 0 for result in results] == [False, False, True]


def test_what_a_killed_process_left_is_replaced(client: Any, tree: Path) -> None:
    client.create_network(NAME, internal=True)
    client.create_container(IMAGE, ["true"], name=f"{NAME}-relay")
    [result] = inside(client, tree, Proxy(Allowlist(frozenset())), commands("echo alive"))
    assert result.output.strip() == "alive"
    assert left(client) == []


def reachable(words: list[str]) -> str:
    """The address that this machine's own client is set up with; skips where nothing answers there."""
    ran = subprocess.run(words, check=False, capture_output=True, text=True)
    found = ran.stdout.strip().splitlines()
    url = found[-1] if ran.returncode == 0 and found else ""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        pytest.skip(f"`{words[0]}` is set up with no registry here")
    try:
        socket.create_connection((parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)), 5).close()
    except OSError:
        pytest.skip("this machine's registry does not answer")
    return url


def listed(*urls: str) -> Allowlist:
    """The public registries, taken as this machine's administrator naming them: his resolver may lead to mirrors."""
    parts = [urllib.parse.urlsplit(url) for url in urls]
    own = {(str(one.hostname), one.port or (443 if one.scheme == "https" else 80)) for one in parts}
    own |= {(name, each) for name in registries() for each in (HTTP, HTTPS)}
    return Allowlist(frozenset(own), frozenset(own))


@pytest.mark.skipif(not CERTIFICATES.exists(), reason="this machine has no certificates where Debian keeps them")
def test_pip_installs_from_the_real_registry(client: Any, tree: Path) -> None:
    url = next(
        (f"https://{name}/simple" for name in registries() if name.startswith("pypi.") and resolves(name)),
        None,
    )
    if url is None:
        pytest.skip("no registry of Python packages is reachable here")
    (tree / "ca.crt").write_bytes(CERTIFICATES.read_bytes())
    line = f"pip install --no-cache-dir --target out --cert ca.crt --index-url {url} iniconfig && ls out"
    [result] = inside(client, tree, Proxy(listed(url)), commands(line, seconds=120))
    assert result.exit_code == 0, result.output
    assert "iniconfig" in result.output


@pytest.mark.skipif(not CERTIFICATES.exists(), reason="this machine has no certificates where Debian keeps them")
def test_npm_installs_from_the_real_registry(client: Any, tree: Path) -> None:
    url = reachable(["npm", "config", "get", "registry"])
    (tree / "ca.crt").write_bytes(CERTIFICATES.read_bytes())
    line = (
        f"npm install --cache /tmp/npm --no-audit --no-fund --cafile ca.crt --registry {url} isarray && ls node_modules"
    )
    [result] = inside(client, tree, Proxy(listed(url)), commands(line, seconds=120), image=NODE)
    assert result.exit_code == 0, result.output
    assert "isarray" in result.output


def resolves(name: str) -> bool:
    try:
        return bool(asyncio.run(look_up(name, HTTPS)))
    except OSError:
        return False
