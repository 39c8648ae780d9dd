"""The main job on real containers: three documents become a healthy stack, and an interruption leaves nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.docker
SAMPLE = Path(__file__).parents[2] / "deploy" / "sample"
LABEL = "label=groundwork.owner"


def docker(*words: str) -> set[str]:
    ran = subprocess.run(["docker", *words], check=True, capture_output=True, text=True)
    return set(ran.stdout.split())


def left() -> set[str]:
    """Containers, networks and volumes of verifications that are on the engine now."""
    return {
        *docker("ps", "-aq", "--filter", LABEL),
        *docker("network", "ls", "-q", "--filter", LABEL),
        *docker("volume", "ls", "-q", "--filter", LABEL),
    }


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    for document in ("IDEA.md", "BUILD_SPEC.md", "ARCHITECTURE.md"):
        (folder / document).write_bytes((SAMPLE / document).read_bytes())
    git = ["git", "-C", str(folder), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Write down the idea"]):
        subprocess.run([*git, *words], check=True)
    return folder


def command(shop: Path, *words: str) -> list[str]:
    issue, out = str(SAMPLE / "issue.md"), str(shop.parent / "out")
    return [sys.executable, "-m", "bot", "run", str(shop), "--issue", issue, "--out", out, *words]


def test_three_documents_become_a_healthy_stack(shop: Path) -> None:
    ran = subprocess.run(command(shop, "--window", "3", "--json"), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    result = json.loads(ran.stdout)
    assert (result["outcome"], result["draft"], result["findings"]) == ("healthy", False, 0)
    report = json.loads((shop.parent / "out" / "health-report.json").read_text())
    assert report["commit"] == result["commit"]
    assert {service["verdict"] for service in report["services"]} == {"healthy", "done"}
    assert report["left_behind"] == []


@pytest.mark.parametrize("moment", ["building images", "postgres started"])
def test_an_interruption_takes_everything_down_within_ten_seconds(shop: Path, moment: str) -> None:
    before = left()
    with subprocess.Popen(command(shop), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr
        for line in process.stderr:
            if moment in line:
                break
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.stderr.read()
        process.wait(timeout=60)
    assert process.returncode == 130
    assert time.monotonic() - begun < 10
    assert left() <= before
