"""Child processes: bounded in output, ended in time, with all they started."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

from bot.verify.compose import spawn
from bot.verify.images import fetch_images
from bot.verify.stop import Stop


def test_output_is_bounded_and_the_last_lines_are_kept() -> None:
    heard: list[str] = []
    running = spawn((sys.executable, "-c", "for n in range(5000): print(n, 'x'*5000)"), os.environ, None, heard.append)
    assert running.wait(60)
    ran = running.ran()
    assert ran.ok
    assert len(ran.lines) == 2000
    assert ran.lines[-1].startswith("4999 ")
    assert max(map(len, ran.lines)) == 2000
    assert len(heard) == 5000


def test_what_is_ended_is_gone_with_its_children() -> None:
    running = spawn(("sh", "-c", "sleep 600 & echo $!; wait"), os.environ)
    for _ in range(500):
        if running.ran().lines:
            break
        running.wait(0.01)
    child = int(running.ran().lines[0])
    begun = time.monotonic()
    assert running.end().status is None
    assert time.monotonic() - begun < 5
    state = Path(f"/proc/{child}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


def docker(folder: Path, script: str) -> dict[str, str]:
    """An environment whose `docker` is a script."""
    program = folder / "docker"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def test_images_that_cannot_be_had_are_told_in_dockers_words(tmp_path: Path) -> None:
    environment = docker(tmp_path, 'case "$3" in bad*) echo "manifest unknown: $3"; exit 1;; esac')
    failed = fetch_images([*(f"good:{n}" for n in range(9)), "bad:1", "bad:1"], environment, Stop(60))
    assert failed == {"bad:1": "manifest unknown: bad:1"}


def test_a_registry_that_never_answers_does_not_hold_us(tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    failed = fetch_images(["a:1", "b:1"], docker(tmp_path, "exec sleep 600"), Stop(60, cancel))
    assert set(failed) == {"a:1", "b:1"}
    assert "time was over" in failed["a:1"]
