"""Commits are made of changes, the same one of the same, and a branch only ever moves forward."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.errors import RepositoryError
from bot.model.change import Change
from bot.workspace.worktree import WorktreeWorkspaces

BRANCH = "groundwork/add-infra"
T = TypeVar("T")


async def changed(workspaces: WorktreeWorkspaces, commit: str, name: str, text: str = "x\n") -> Change:
    async with workspaces.tree(commit) as root:
        (root / name).parent.mkdir(exist_ok=True, parents=True)
        (root / name).write_text(text, encoding="utf-8")
        return await workspaces.change(root)


def on(shop: Any, story: Callable[[WorktreeWorkspaces, str], Coroutine[Any, Any, T]]) -> T:
    return asyncio.run(story(WorktreeWorkspaces(shop.path), shop.git("rev-parse", "HEAD")))


async def committed(workspaces: WorktreeWorkspaces, parent: str, name: str, text: str = "x\n") -> str:
    change = await changed(workspaces, parent, name, text)
    return await workspaces.commit(change, parent=parent, message=f"Add {name}\n\nGrüße")


def test_the_same_change_makes_the_same_commit(shop: Any) -> None:
    async def story(workspaces: WorktreeWorkspaces, head: str) -> tuple[str, str]:
        change = await changed(workspaces, head, "src/a")
        first = await workspaces.commit(change, parent=head, message="Add a")
        return first, await WorktreeWorkspaces(shop.path).commit(change, parent=head, message="Add a")

    first, second = on(shop, story)
    assert first == second
    assert (
        shop.git("show", "--no-patch", "--format=%an <%ae> %s", first)
        == "Groundwork <groundwork@noreply.invalid> Add a"
    )
    assert int(shop.git("show", "-s", "--format=%ct", first)) == int(shop.git("show", "-s", "--format=%ct", "HEAD")) + 1
    shop.git("fsck", "--strict", "--no-dangling")


def test_a_users_signing_hooks_and_templates_take_no_part(shop: Any) -> None:
    for key, value in (
        ("commit.gpgSign", "true"),
        ("gpg.program", "false"),
        ("core.autocrlf", "true"),
        ("diff.noprefix", "true"),
        ("user.name", "Somebody"),
        ("i18n.commitEncoding", "latin1"),
        ("diff.mnemonicPrefix", "true"),
        ("core.quotePath", "false"),
        ("apply.whitespace", "error-all"),
    ):
        shop.git("config", key, value)
    commit = on(shop, lambda workspaces, head: committed(workspaces, head, "größe ", "trailing \r\n"))
    assert shop.git("cat-file", "-p", f"{commit}:größe ").encode() == b"trailing"
    assert "gpgsig" not in shop.git("cat-file", "-p", commit)
    assert "Grüße" in shop.git("cat-file", "-p", commit)


def test_a_change_applies_to_a_parent_that_moved_on_or_is_refused(shop: Any) -> None:
    async def story(workspaces: WorktreeWorkspaces, head: str) -> str:
        mine = await changed(workspaces, head, "IDEA.md", "# Mine\n")
        elsewhere = await committed(workspaces, head, "other")
        both = await workspaces.commit(mine, parent=elsewhere, message="Both")
        theirs = await committed(workspaces, head, "IDEA.md", "# Theirs\n")
        with pytest.raises(RepositoryError, match="does not apply"):
            await workspaces.commit(mine, parent=theirs, message="Conflict")
        return both

    commit = on(shop, story)
    assert shop.git("show", f"{commit}:other") == "x"
    assert shop.git("show", f"{commit}:IDEA.md") == "# Mine"


def test_between_is_what_a_pull_request_shows(shop: Any) -> None:
    async def story(workspaces: WorktreeWorkspaces, head: str) -> Change:
        ours = await committed(workspaces, head, "src/a")
        theirs = await committed(workspaces, head, "theirs")
        return await workspaces.between(theirs, ours)

    assert [file.path for file in on(shop, story).files] == ["src/a"]


def test_a_branch_is_made_moved_and_moved_again(shop: Any) -> None:
    async def story(workspaces: WorktreeWorkspaces, head: str) -> str:
        first = await committed(workspaces, head, "a")
        for _ in range(2):
            await workspaces.advance(BRANCH, first, expected="")
        second = await committed(workspaces, first, "b")
        for _ in range(2):
            await workspaces.advance(BRANCH, second, expected=first)
        return second

    second = on(shop, story)
    assert shop.git("rev-parse", BRANCH) == second


def test_a_branch_that_somebody_moved_is_left_alone(shop: Any) -> None:
    async def story(workspaces: WorktreeWorkspaces, head: str) -> str:
        first = await committed(workspaces, head, "a")
        person = await committed(workspaces, first, "person")
        ours = await committed(workspaces, first, "ours")
        await workspaces.advance(BRANCH, person, expected="")
        for commit, expected in ((ours, first), (ours, ""), (first, person)):
            with pytest.raises(RepositoryError, match="moved while this run was on"):
                await workspaces.advance(BRANCH, commit, expected=expected)
        with pytest.raises(RepositoryError, match="moved"):
            await workspaces.advance("groundwork/gone", ours, expected=first)
        return person

    person = on(shop, story)
    assert shop.git("rev-parse", BRANCH) == person
    assert "gone" not in shop.git("branch", "--list")


def test_a_branch_checked_out_meanwhile_is_not_moved_under_its_user(shop: Any) -> None:
    shop.git("switch", "--quiet", "--create", BRANCH)

    async def story(workspaces: WorktreeWorkspaces, head: str) -> None:
        await workspaces.advance(BRANCH, await committed(workspaces, head, "a"), expected=head)

    with pytest.raises(RepositoryError, match="checked out"):
        on(shop, story)
    assert shop.git("status", "--porcelain") == ""


def test_a_lock_in_the_way_is_told_with_what_to_do(shop: Any) -> None:
    shop.write(f".git/refs/heads/{BRANCH}.lock", "")

    async def story(workspaces: WorktreeWorkspaces, head: str) -> None:
        await workspaces.advance(BRANCH, await committed(workspaces, head, "a"), expected="")

    with pytest.raises(RepositoryError) as caught:
        on(shop, story)
    assert "could not be written" in caught.value.what
    assert "lock" in caught.value.hint


def test_texts_may_lie_outside_or_where_git_ignores_them(shop: Any, tmp_path: Path) -> None:
    shop.write(".gitignore", "out/\n")
    (tmp_path / "link").symlink_to(shop.path)

    async def story(workspaces: WorktreeWorkspaces, _head: str) -> None:
        for good in (tmp_path / "elsewhere", shop.path / "out", shop.path / "out/deep", shop.path / ".git/groundwork"):
            await workspaces.refuse_dirtying(good)
        for bad in (shop.path, shop.path / "report", shop.path / "docs/../report", tmp_path / "link/report"):
            with pytest.raises(RepositoryError, match="lies in the working tree"):
                await workspaces.refuse_dirtying(bad)

    on(shop, story)


def test_a_sha256_repository_works_like_any_other(new_repository: Callable[..., Any]) -> None:
    repository = new_repository("modern", "--object-format=sha256")
    repository.write("a", "a")
    repository.commit()

    async def story(workspaces: WorktreeWorkspaces, head: str) -> str:
        commit = await committed(workspaces, head, "b")
        await workspaces.advance(BRANCH, commit, expected="")
        return commit

    commit = on(repository, story)
    assert repository.git("rev-parse", BRANCH) == commit
