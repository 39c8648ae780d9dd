"""Runs three small tasks with a real model and real containers, and prints what came of them and what they cost.

Nothing is asserted: a model may fail, and that is what this is to show. Without a key nothing is run, and it says so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.live.tasks import TASKS, Task

KEY = "ANTHROPIC_API_KEY"
OUTCOMES = {0: "healthy", 1: "draft", 2: "not started", 3: "nothing to do"}


def main() -> int:
    """Run all tasks, or say why none is."""
    if not os.environ.get(KEY):
        print(f"live: skipped, because {KEY} is not set: no real model was asked")
        return 0
    rows = []
    with tempfile.TemporaryDirectory(prefix="groundwork-live-") as folder:
        for task in TASKS:
            print(f"\n==> {task.name}: {task.what}", flush=True)
            rows.append(run(task, Path(folder) / task.name))
    print(f"\n{'task':<10}{'outcome':<14}{'dollars':>8}{'turns':>7}{'cached':>8}{'minutes':>9}")
    for row in rows:
        print(
            f"{row['task']:<10}{row['outcome']:<14}{row['dollars']:>8.3f}{row['turns']:>7}"
            f"{row['cached']:>8.0%}{row['minutes']:>9.1f}"
        )
    print(f"all: ${sum(row['dollars'] for row in rows):.2f}")
    return 0


def run(task: Task, folder: Path) -> dict[str, Any]:
    """Run one task as a user would; return its row."""
    repository, out = folder / task.name, folder / "out"
    for path, text in task.files.items():
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_text(text)
    identity = ["-c", "user.name=Live", "-c", "user.email=live@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*identity, "commit", "-qm", "Begin"]):
        subprocess.run(["git", "-C", str(repository), *words], check=True)
    issue = folder / "issue.md"
    issue.write_text(task.issue)
    begun = time.monotonic()
    command = [sys.executable, "-m", "bot", "run", str(repository), "--issue", str(issue), "--engine", "claude"]
    ended = subprocess.run([*command, "--out", str(out)], check=False)
    return {
        "task": task.name,
        "outcome": OUTCOMES.get(ended.returncode, f"status {ended.returncode}"),
        "minutes": (time.monotonic() - begun) / 60,
        **spent(out),
    }


def spent(out: Path) -> dict[str, Any]:
    """Read from the transcript what was spent."""
    dollars, turns, read, inputs = 0.0, 0, 0, 0
    for path in out.rglob("transcript.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry["kind"] == "turn":
                used = entry["reply"]["spent"]
                turns += 1
                dollars += used["dollars"]
                read += used["read"]
                inputs += used["fresh"] + used["written"] + used["read"]
    return {"dollars": dollars, "turns": turns, "cached": read / inputs if inputs else 0.0}


if __name__ == "__main__":
    sys.exit(main())
