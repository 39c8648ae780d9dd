"""What a command may do to the disk and the clock is watched from outside its container."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bot.agent.watch import Bounds, Watch

WIDE = {"seconds": 60.0, "disk": 64, "entries": 1000, "spare": 0}


def watched(folder: Path, **bounds: float) -> tuple[Watch, threading.Event]:
    stopped = threading.Event()
    return Watch(folder, Bounds(**{**WIDE, **bounds}), stopped.set), stopped


def test_what_fills_the_disk_is_stopped(tmp_path: Path) -> None:
    watch, stopped = watched(tmp_path, disk=1)
    with watch:
        grow = 0
        while not stopped.wait(0.05) and grow < 200:
            (tmp_path / f"f{grow}").write_bytes(bytes(1024 * 1024))
            grow += 1
    assert watch.why == "it wrote more than 1 MiB"


def test_what_makes_endless_empty_files_is_stopped(tmp_path: Path) -> None:
    watch, stopped = watched(tmp_path, entries=10)
    with watch:
        grow = 0
        while not stopped.wait(0.01) and grow < 2000:
            (tmp_path / f"f{grow}").touch()
            grow += 1
    assert watch.why == "it made more than 10 files"


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        ({"seconds": 0.1}, "it did not end when its 0 s were over"),
        ({"spare": 10**12}, "less than 1000000000000 MiB of this machine's disk are left"),
    ],
)
def test_what_outlives_its_time_or_leaves_no_room_is_stopped(
    tmp_path: Path, bounds: dict[str, float], why: str
) -> None:
    watch, stopped = watched(tmp_path, **bounds)
    with watch:
        assert stopped.wait(30)
    assert watch.why == why


def test_a_command_that_keeps_within_its_bounds_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "before").write_bytes(bytes(4 * 1024 * 1024))
    watch, stopped = watched(tmp_path, disk=1, entries=0)
    with watch:
        (tmp_path / "before").write_bytes(bytes(4 * 1024 * 1024))
        assert not stopped.wait(0.6)
    assert watch.why == ""
