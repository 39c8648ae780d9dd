"""A clone is worked in by one at a time, and what a killed git left in it holds up nobody."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from pathlib import Path

from bot.workspace.cloned import ClonedWorkspaces
from bot.workspace.held import held, held_here

LOCKS = ("shallow.lock", "config.lock", "packed-refs.lock", "refs/heads/main.lock", "refs/heads/groundwork/x.lock")


async def no_token(*, write: bool = False, workflows: bool = False) -> str:
    del write, workflows
    return "none"


def git(*words: str, cwd: Path) -> str:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org")
    done = subprocess.run(["git", *identity, *words], cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_locks_that_killed_gits_left_are_taken_away(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    git("init", "-q", "-b", "main", cwd=shop)
    git("config", "uploadpack.allowFilter", "true", cwd=shop)
    git("commit", "-q", "--allow-empty", "-m", "First", cwd=shop)
    clone = tmp_path / "clones/1/shop"
    workspaces = ClonedWorkspaces(clone, f"file://{shop}", no_token)
    for made in (False, True):
        for lock in LOCKS:
            place = clone / ".git" / lock
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
        part = clone / ".git/objects/pack/tmp_pack_x"
        part.parent.mkdir(parents=True, exist_ok=True)
        part.touch()
        assert (clone / ".git/groundwork").exists() == made
        base = asyncio.run(workspaces.base("groundwork/x"))
        assert base.commit == git("rev-parse", "main", cwd=shop)
        assert not [*clone.rglob("*.lock"), *clone.rglob("tmp_*")]


def test_the_next_waits_until_the_one_before_is_done_though_nobody_waits_for_that_any_more(tmp_path: Path) -> None:
    clone, said, begun, end = tmp_path / "clone", list[str](), threading.Event(), threading.Event()

    def transfer() -> None:
        with held(clone):
            begun.set()
            end.wait(20)
            said.append("first")

    async def scene() -> None:
        first = asyncio.create_task(asyncio.to_thread(transfer))
        await asyncio.to_thread(begun.wait, 20)
        first.cancel()  # a thread goes on all the same

        async def second() -> None:
            async with held_here(clone):
                said.append("second")

        waiting = asyncio.create_task(second())
        given_up = asyncio.create_task(second())
        while not (clone.parent / "turn").exists():  # noqa: ASYNC110 -- until it waits
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        given_up.cancel()
        assert said == []
        end.set()
        await waiting
        async with held_here(clone):
            said.append("third")

    asyncio.run(scene())
    assert said == ["first", "second", "third"]
