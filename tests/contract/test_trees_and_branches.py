"""What the story of a run may count on, of the fakes in its tests and of the adapters for a repository alike."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.errors import RepositoryError
from bot.forge.local import LocalForge
from bot.model.change import Change
from bot.model.proposal import Base
from bot.workflow.ports import Forge, Workspaces
from bot.workspace.worktree import WorktreeWorkspaces
from tests.fakes.ports import FakeForge, FakeWorkspaces

BRANCH = "groundwork/shop"


@dataclass(frozen=True)
class World:
    """Both ports over the same branches."""

    workspaces: Workspaces
    forge: Forge


def fake(place: Path) -> World:
    return World(FakeWorkspaces(place), FakeForge())


def real(place: Path) -> World:
    git = ["git", "-c", "user.name=T", "-c", "user.email=t@example.org", "-C", str(place / "shop")]
    subprocess.run(["git", "init", "--quiet", "-b", "main", str(place / "shop")], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", "First"], check=True)
    workspaces = WorktreeWorkspaces(place / "shop")
    return World(workspaces, LocalForge(workspaces, out=place / "out", render=lambda _proposal: {}))


@pytest.fixture(params=[fake, real])
def world(request: pytest.FixtureRequest, tmp_path: Path, own_home: Path) -> World:
    assert own_home.is_dir()
    make: Callable[[Path], World] = request.param
    return make(tmp_path)


def told(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


async def wrote(world: World, commit: str, text: str, name: str = "compose.yml") -> Change:
    async with world.workspaces.tree(commit) as root:
        (root / name).write_text(text, encoding="utf-8")
        return await world.workspaces.change(root)


async def committed(world: World, base: Base, text: str) -> str:
    change = await wrote(world, base.head, text)
    return await world.workspaces.commit(change, parent=base.head, message=text)


def test_what_is_written_becomes_a_change_a_commit_and_a_tree(world: World) -> None:
    async def story() -> None:
        base = await world.workspaces.base(BRANCH)
        assert (base.branch, base.head) == (BRANCH, base.commit)
        change = await wrote(world, base.head, "services")
        assert (change.base, [file.path for file in change.files]) == (base.head, ["compose.yml"])
        async with world.workspaces.tree(base.head, change) as root:
            assert (root / "compose.yml").read_text(encoding="utf-8") == "services"
        commit = await world.workspaces.commit(change, parent=base.head, message="Add")
        async with world.workspaces.tree(commit) as root:
            assert (root / "compose.yml").read_text(encoding="utf-8") == "services"
            assert (await world.workspaces.change(root)).empty
        assert (await world.workspaces.between(base.commit, commit)).files == change.files

    told(story())


def test_a_tree_is_private_and_gone_however_it_ends(world: World) -> None:
    async def story() -> None:
        base = await world.workspaces.base(BRANCH)
        async with world.workspaces.tree(base.head) as one, world.workspaces.tree(base.head) as other:
            (one / "x").touch()
            assert not (other / "x").exists()
        assert not one.exists()
        with pytest.raises(LookupError):
            async with world.workspaces.tree(base.head) as one:
                raise LookupError
        assert not one.exists()

    told(story())


def test_a_commit_is_the_same_for_the_same(world: World) -> None:
    async def story() -> None:
        base = await world.workspaces.base(BRANCH)
        change = await wrote(world, base.head, "services")
        first, again = [await world.workspaces.commit(change, parent=base.head, message="Add") for _ in range(2)]
        assert first == again
        assert first != await world.workspaces.commit(change, parent=base.head, message="Other")

    told(story())


def test_a_push_that_runs_twice_is_one_and_one_that_comes_late_is_none(world: World) -> None:
    async def story() -> None:
        base = await world.workspaces.base(BRANCH)
        first, rival = await committed(world, base, "first"), await committed(world, base, "rival")
        for _ in range(2):
            await world.forge.push(BRANCH, first, expected="")
        with pytest.raises(RepositoryError):
            await world.forge.push(BRANCH, rival, expected="")
        change = await wrote(world, first, "second")
        second = await world.workspaces.commit(change, parent=first, message="Second")
        for _ in range(2):
            await world.forge.push(BRANCH, second, expected=first)
        with pytest.raises(RepositoryError):
            await world.forge.push(BRANCH, rival, expected=first)

    told(story())


def test_two_sides_are_merged_or_what_they_disagree_on_is_named(world: World) -> None:
    async def story() -> None:
        base = await world.workspaces.base(BRANCH)

        async def side(text: str, name: str) -> str:
            change = await wrote(world, base.head, text, name)
            return await world.workspaces.commit(change, parent=base.head, message=text)

        ours, theirs, against = await side("a", "a.txt"), await side("b", "b.txt"), await side("c", "a.txt")
        merge = await world.workspaces.merge(ours, theirs, message="Merge")
        assert merge == await world.workspaces.merge(ours, theirs, message="Merge")
        async with world.workspaces.tree(merge.commit) as root:
            assert [(root / name).read_text(encoding="utf-8") for name in ("a.txt", "b.txt")] == ["a", "b"]
        await world.forge.push(BRANCH, ours, expected="")
        await world.forge.push(BRANCH, merge.commit, expected=ours)
        refused = await world.workspaces.merge(ours, against, message="Merge")
        assert (refused.commit, refused.conflicts) == ("", ("a.txt",))

    told(story())
