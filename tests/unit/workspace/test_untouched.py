"""The user's repository stays byte for byte as it is: after success, failure, Ctrl-C and kill -9."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

from bot.workspace.scratch import PREFIX, scratch, sweep
from bot.workspace.worktree import WorktreeWorkspaces

BRANCH = "groundwork/add-infra"
ROOT = Path(__file__).parents[3]
# Opens a tree, says so, and waits for what is done to it.
SLEEPER = """
import asyncio, sys
from pathlib import Path
from bot.cli.interrupt import run_until_interrupted
from bot.workspace.worktree import WorktreeWorkspaces

async def story():
    workspaces = WorktreeWorkspaces(Path(sys.argv[1]))
    base = await workspaces.base("groundwork/add-infra")
    async with workspaces.tree(base.head) as root:
        (root / "half").write_text("written", encoding="utf-8")
        print(root, flush=True)
        await asyncio.sleep(60)

try:
    run_until_interrupted(story())
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.fixture
def busy_shop(shop: Any) -> Any:
    """With staged, unstaged and untracked work, a stash, hooks, and a second branch."""
    shop.write("stashed", "x")
    shop.git("stash", "push", "--quiet", "--include-untracked")
    shop.git("branch", "feature")
    shop.write("staged.md", "staged")
    shop.git("add", "staged.md")
    shop.write("IDEA.md", "unstaged")
    shop.write("untracked/file", "untracked")
    shop.write("src/foreign.txt", "in the way")
    for hook in ("pre-commit", "post-commit", "post-checkout", "post-index-change", "reference-transaction"):
        shop.write(f".git/hooks/{hook}", "#!/bin/sh\necho ran >> ../hook-ran\n").chmod(0o755)
    return shop


def places() -> list[Path]:
    return sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


def test_after_a_whole_run(busy_shop: Any) -> None:
    before = busy_shop.fingerprint()

    async def story() -> None:
        workspaces = WorktreeWorkspaces(busy_shop.path)
        base = await workspaces.base(BRANCH)
        async with workspaces.tree(base.head) as root:
            (root / "src").mkdir()
            (root / "src/compose.yml").write_text("services: {}\n", encoding="utf-8")
            change = await workspaces.change(root)
        commit = await workspaces.commit(change, parent=base.head, message="Add")
        await workspaces.advance(BRANCH, commit, expected="")
        await workspaces.between(base.commit, commit)

    asyncio.run(story())
    assert busy_shop.git("diff", "--name-only", f"main..{BRANCH}") == "src/compose.yml"
    assert busy_shop.fingerprint() == before
    assert not (busy_shop.path.parent / "hook-ran").exists()
    assert places() == []


def test_after_a_failure_inside_a_tree(busy_shop: Any) -> None:
    before = busy_shop.fingerprint()

    async def story() -> None:
        async with WorktreeWorkspaces(busy_shop.path).tree(busy_shop.git("rev-parse", "HEAD")) as root:
            (root / "locked").mkdir()
            (root / "locked/file").touch()
            (root / "locked").chmod(0o555)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        asyncio.run(story())
    assert busy_shop.fingerprint() == before
    assert places() == []


@pytest.fixture
def sleeper(busy_shop: Any) -> Any:
    process = subprocess.Popen(
        [sys.executable, "-c", SLEEPER, str(busy_shop.path)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": tempfile.gettempdir()},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        process.root = Path(process.stdout.readline().strip())  # type: ignore[attr-defined]
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_after_an_interruption(number: signal.Signals, busy_shop: Any, sleeper: Any) -> None:
    before = busy_shop.fingerprint()
    assert (sleeper.root / "half").exists()
    sleeper.send_signal(number)
    assert sleeper.wait(timeout=10) == 130
    assert places() == []
    assert busy_shop.fingerprint() == before


def test_after_a_kill_the_next_start_sweeps(busy_shop: Any, sleeper: Any) -> None:
    before = busy_shop.fingerprint()
    assert sweep() == (), "a live process owns it"
    assert (sleeper.root / "half").exists()
    sleeper.kill()
    sleeper.wait(timeout=10)
    assert len(places()) == 1
    asyncio.run(WorktreeWorkspaces(busy_shop.path).base(BRANCH))
    assert places() == []
    assert busy_shop.fingerprint() == before


def test_sweeping_leaves_what_is_not_ours(tmp_path: Path) -> None:
    temporary = Path(tempfile.gettempdir())
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "owner.lock").touch()
    (temporary / f"{PREFIX}link").symlink_to(victim)
    (temporary / f"{PREFIX}file").touch()
    (temporary / f"{PREFIX}unborn").mkdir()  # its maker may be about to take the lock
    (temporary / "groundwork-other").mkdir()
    with scratch() as alive:
        assert sweep() == ()
        assert alive.is_dir()
        assert alive.stat().st_mode & 0o077 == 0
    assert (victim / "owner.lock").exists()
    assert len(places()) == 3
    os.utime(temporary / f"{PREFIX}unborn", (0, 0))
    assert sweep() == (temporary / f"{PREFIX}unborn",)


def test_many_makers_and_sweepers_at_once_lose_nothing() -> None:
    failures: list[str] = []

    def make() -> None:
        for _ in range(20):
            with scratch() as place:
                (place / "x").touch()
                if not (place / "x").exists():
                    failures.append("swept while alive")

    threads = [threading.Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        sweep()
    assert failures == []
    assert places() == []
