"""A real Postgres server for stories whose runs are stored there."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Postgres server of our own on a Unix socket, for the stories of one module."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        missing = "no Postgres server is installed (Debian: postgresql)"
        assert os.environ.get("GROUNDWORK_REQUIRE_DOCKER") != "1", missing
        pytest.skip(missing)
    binaries = found[-1].parent
    folder = tmp_path_factory.mktemp("postgres")
    as_user: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        for parent in (folder, *folder.parents):
            if parent.stat().st_uid == 0 and parent != Path("/") and parent != Path("/tmp"):
                parent.chmod(parent.stat().st_mode | 0o055)
        subprocess.run(["chown", "postgres", str(folder)], check=True)
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    data = folder / "data"
    subprocess.run(
        [*as_user, binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync"],
        check=True,
        capture_output=True,
    )
    server = subprocess.Popen(
        [*as_user, binaries / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"],
        stderr=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    ready = threading.Event()

    def listen() -> None:
        assert server.stderr
        with server.stderr:
            for line in server.stderr:
                said.append(line)
                if "ready to accept connections" in line:
                    ready.set()

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        assert ready.wait(timeout=60), "".join(said)
        yield f"postgresql://postgres@/postgres?host={folder}"
        assert server.poll() is None, f"Postgres ended by itself with {server.returncode}: {''.join(said[-20:])}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
        listener.join(timeout=30)


@pytest.fixture
def database(postgres: str) -> str:
    """A database of this story alone, since runs that are found unfinished are taken up."""
    name = f"story_{uuid.uuid4().hex}"
    made = subprocess.run(
        ["psql", "-q", postgres, "-c", f"CREATE DATABASE {name}"], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    return postgres.replace("/postgres?", f"/{name}?")
