"""A Docker engine of our own, in its own namespaces, so that nobody else notices what becomes of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

IMAGE = "groundwork-test-tiny:1"
# A shell with what it is linked to: copying a whole image into a second engine would take longer than the test.
TINY = "b=$(command -v busybox); tar -chf - $b $(ldd $b | grep -o '/[^ ]*')"


class OwnEngine:
    """A Docker engine with its own network, mounts, data and socket.

    `in_containerd`: where it stores images. `bridged`: containers reach each other, and what the network's owner allows.
    """

    def __init__(self, folder: Path, *, in_containerd: bool = False, bridged: bool = False) -> None:
        self._network = "" if bridged else "--iptables=false --ip6tables=false --bridge=none"
        (folder / "daemon.json").write_text(json.dumps({"features": {"containerd-snapshotter": in_containerd}}))
        self.host = f"unix://{folder}/sock"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        daemon = (
            f"exec dockerd --data-root {self._folder}/data --exec-root {self._folder}/exec "
            f"--pidfile {self._folder}/pid --config-file {self._folder}/daemon.json "
            f"-H {self.host} --cgroup-parent /groundwork-test {self._network}"
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

    @property
    def pid(self) -> int:
        """The number of its process, whose network it is in."""
        assert self._process is not None
        return self._process.pid

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Stop it and wait until it is gone."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(60)

    def docker(self, *arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        """Run `docker` against it."""
        return subprocess.run(["docker", "-H", self.host, *arguments], input=given, capture_output=True, check=False)


@contextmanager
def own_engine(*, in_containerd: bool = False, bridged: bool = False) -> Iterator[OwnEngine]:
    """Start an engine that holds `IMAGE` and nothing else; end it with all that it holds."""
    if os.getuid() or not shutil.which("unshare") or not shutil.which("dockerd"):
        pytest.skip("a second engine needs root, unshare and dockerd")
    folder = Path("/var/tmp") / f"groundwork-engine-{os.getpid()}"
    folder.mkdir()
    own = OwnEngine(folder, in_containerd=in_containerd, bridged=bridged)
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
