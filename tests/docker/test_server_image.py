"""The server's image is built from this checkout, runs as nobody special, and says what it needs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.docker
ROOT = Path(__file__).parents[2]
IMAGE = "groundwork-server:test"


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    words = ["docker", "build", "--quiet", "--file", "deploy/server/Dockerfile", "--tag", IMAGE, "."]
    built = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert built.returncode == 0, built.stderr[-2000:]
    yield IMAGE
    subprocess.run(["docker", "image", "rm", "--force", IMAGE], capture_output=True, check=True, timeout=60)


def ran(image: str, *words: str) -> subprocess.CompletedProcess[str]:
    box = ["docker", "run", "--rm", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--network", "none"]
    return subprocess.run([*box, image, *words], capture_output=True, text=True, timeout=60, check=False)


def test_without_settings_it_names_them(image: str) -> None:
    done = ran(image)
    assert done.returncode == 2
    for name in ("APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET"):
        assert f"GROUNDWORK_{name} is missing" in done.stderr
    assert "GROUNDWORK_DATA" not in done.stderr, "its data folder can be written"


def test_it_runs_as_nobody_special_and_knows_its_app(image: str) -> None:
    look = "import os, bot.forge.github.manifest as m; print(os.getuid(), m.manifest().name)"
    assert ran(image, "python", "-c", look).stdout.split() == ["1000", "Groundwork"]
