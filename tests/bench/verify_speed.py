"""Verification against `docker compose up --wait` on the same stack, in pairs; prints ratios, asserts nothing.

Run: `python -m tests.bench.verify_speed [PAIRS]`, and with `--large` forty services, their memory and their events.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bot.check.escape import escape_findings
from bot.model.health import HealthReport
from bot.verify.run import verify_tree
from tests.docker.verify.stacks import after, check, web

WINDOW = 2.0
REDIS = {"image": "redis:7-alpine", "healthcheck": check("redis-cli ping"), "ports": ["6379:6379"]}
STACK: dict[str, Any] = {
    "redis": REDIS,
    "backend": web(depends_on=after("redis")),
    "proxy": web(depends_on=after("backend"), ports=["18090:8000"]),
}


def written(services: dict[str, Any], folder: Path) -> Path:
    """Write a stack and return its root."""
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "docker-compose.yml").write_text(json.dumps({"services": services}))
    return folder


def peer(root: Path) -> float:
    """Seconds for `up --wait` and `down`, as a person would type them."""
    compose = ["docker", "compose", "-p", "groundwork-bench", "-f", str(root / "src" / "docker-compose.yml")]
    begun = time.monotonic()
    subprocess.run([*compose, "up", "--wait", "--detach"], capture_output=True, check=True)
    subprocess.run([*compose, "down", "--volumes", "--timeout", "0"], capture_output=True, check=True)
    return time.monotonic() - begun


def ours(root: Path, window: float = WINDOW, timeout: float = 120) -> tuple[float, HealthReport]:
    """Seconds for a whole verification without its window, and its report."""
    begun = time.monotonic()
    report = verify_tree(root, gate=escape_findings, window=window, timeout=timeout)
    return time.monotonic() - begun - window, report


def lag(report: HealthReport) -> float:
    """Seconds from the last health event to the end of the watch, without the window."""
    last = max(service.healthy_at or 0.0 for service in report.services)
    seconds = report.seconds or {}
    return seconds["start"] + seconds["window"] - last - report.window


def pairs(count: int) -> None:
    """Measure pairs, alternately, and print each ratio and the median."""
    ratios, lags = [], []
    with tempfile.TemporaryDirectory() as folder:
        root = written(STACK, Path(folder) / "tree")
        ours(root)  # the first run of each pays for imports and caches
        peer(root)
        for number in range(count):
            theirs = peer(root)
            mine, report = ours(root)
            ratios.append(mine / theirs)
            lags.append(lag(report))
            print(
                f"pair {number + 1}: verify {mine:.2f} s, up --wait and down {theirs:.2f} s, ratio {ratios[-1]:.2f}; "
                f"verdict {lags[-1] * 1000:.0f} ms after last health event + window ({report.outcome})"
            )
    print(
        f"median ratio {statistics.median(ratios):.2f} (goal 1.05); median lag {statistics.median(lags) * 1000:.0f} ms"
    )


def large() -> None:
    """Forty services at once: what they cost in memory."""
    services = {
        f"s{number:02}": REDIS | {"ports": [], "healthcheck": check("true", interval="3s")} for number in range(40)
    }
    with tempfile.TemporaryDirectory() as folder:
        seconds, report = ours(written(services, Path(folder) / "tree"), window=20.0, timeout=600)
    events = 3 * sum(service.probe_count for service in (report.record.services if report.record else ()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"40 services: {report.outcome} in {seconds:.0f} s plus window, {events} events of probes, "
        f"peak memory {peak:.0f} MB (goal 150), left behind: {len(report.left_behind)}"
    )


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--large"]
    if "--large" in sys.argv:
        large()
    else:
        pairs(int(words[0]) if words else 5)
