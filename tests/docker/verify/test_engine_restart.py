"""The engine goes away in the middle: an engine of our own, in its own namespaces, so that nobody else notices."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.model.codec import from_json
from bot.model.health import HealthReport
from tests.docker.verify.own_engine import IMAGE, OwnEngine, own_engine
from tests.docker.verify.stacks import Case, check, shell

pytestmark = [pytest.mark.docker, pytest.mark.timeout(240)]


@pytest.fixture
def engine() -> Iterator[OwnEngine]:
    with own_engine() as own:
        yield own


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
