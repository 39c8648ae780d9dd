"""The engine goes away in the middle: an engine of our own, in its own namespaces, so that nobody else notices."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.model.codec import from_json
from bot.model.health import HealthReport
from tests.docker.verify.stacks import Case, check, shell

pytestmark = [pytest.mark.docker, pytest.mark.timeout(240)]
IMAGE = "groundwork-test-tiny:1"
# A shell with what it is linked to: copying a whole image into a second engine would take longer than the test.
TINY = "b=$(command -v busybox); tar -chf - $b $(ldd $b | grep -o '/[^ ]*')"


class OwnEngine:
    """A Docker engine with its own network, mounts, data and socket."""

    def __init__(self, folder: Path) -> None:
        self.host = f"unix://{folder}/sock"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        daemon = (
            f"exec dockerd --data-root {self._folder}/data --exec-root {self._folder}/exec "
            f"--pidfile {self._folder}/pid "
            f"-H {self.host} --cgroup-parent /groundwork-test --iptables=false --ip6tables=false --bridge=none"
        )
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["unshare", "-n", "-m", "sh", "-c", f"ip link set lo up; {daemon}"],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        for _ in range(150):
            if self.docker("version").returncode == 0:
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        pytest.skip(f"no second engine can be started here: {(self._folder / 'log').read_text()[-300:]}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Stop it and wait until it is gone."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(60)

    def docker(self, *arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        """Run `docker` against it."""
        return subprocess.run(["docker", "-H", self.host, *arguments], input=given, capture_output=True, check=False)


@pytest.fixture
def engine() -> Iterator[OwnEngine]:
    if os.getuid() or not shutil.which("unshare") or not shutil.which("dockerd"):
        pytest.skip("a second engine needs root, unshare and dockerd")
    folder = Path("/var/tmp") / f"groundwork-engine-{os.getpid()}"
    folder.mkdir()
    own = OwnEngine(folder)
    try:
        own.start()
        tiny = subprocess.run(
            ["docker", "run", "--rm", "--network", "none", "node:22-alpine", "sh", "-c", TINY],
            capture_output=True,
            check=True,
        ).stdout
        made = own.docker("import", "--change", 'ENTRYPOINT ["busybox"]', "-", IMAGE, given=tiny)
        assert made.returncode == 0, made.stderr
        yield own
    finally:
        own.stop()
        subprocess.run(f"umount -R {folder}/data {folder}/exec 2>/dev/null; rm -rf {folder}", shell=True, check=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_restarted_engine_makes_the_verdict_unverified_and_leaves_nothing(
    engine: OwnEngine, tmp_path: Path, number: signal.Signals
) -> None:
    app = shell("", image=IMAGE, command=["sleep", "600"], network_mode="none", restart="always") | {
        "healthcheck": check("") | {"test": ["CMD", "busybox", "true"]}
    }
    root = Case(services={"app": app}, outcome="unverified").write(tmp_path / "tree")
    target = tmp_path / "report.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "verify", str(root), "--window", "60", "--json", str(target)],
        env={**os.environ, "DOCKER_HOST": engine.host},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stderr is not None
    assert any("app healthy" in line for line in process.stderr), "it became healthy"
    engine.stop(number)
    engine.start()
    process.communicate(timeout=120)
    report = from_json(HealthReport, target.read_bytes())
    assert process.returncode == 1
    assert report.outcome == "unverified"
    assert report.cause is not None
    assert report.cause.code == "engine-lost"
    assert report.left_behind == ()
    assert engine.docker("ps", "-aq").stdout == b""
