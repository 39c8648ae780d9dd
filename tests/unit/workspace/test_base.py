"""Where a run starts, and what it says when it cannot."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.errors import RepositoryError
from bot.model.proposal import Base
from bot.workspace.worktree import WorktreeWorkspaces

BRANCH = "groundwork/add-infra"


def base(path: Path, branch: str = BRANCH) -> Base:
    return asyncio.run(WorktreeWorkspaces(path).base(branch))


def refused(path: Path, branch: str = BRANCH) -> RepositoryError:
    with pytest.raises(RepositoryError) as caught:
        base(path, branch)
    assert caught.value.hint, "a person needs a next step"
    return caught.value


def test_a_clean_repository_starts_at_head(shop: Any) -> None:
    head = shop.git("rev-parse", "HEAD")
    assert base(shop.path) == Base(commit=head, head=head, branch=BRANCH, base_branch="main", notes=())


def test_uncommitted_changes_are_told_and_left_out(shop: Any) -> None:
    shop.write("IDEA.md", "# Another\n")
    assert "Uncommitted changes (`IDEA.md`) are not part of this run; it used HEAD" in base(shop.path).notes[0]
    shop.write("new.md", "")
    assert "2 paths, such as `IDEA.md`" in base(shop.path).notes[0]


def test_ignored_files_and_touched_files_are_not_uncommitted_changes(shop: Any) -> None:
    shop.write(".gitignore", "*.log\n")
    shop.write(".git/info/exclude", "mine\n")
    shop.commit()
    shop.write("a.log", "x")
    shop.write("mine", "x")
    os.utime(shop.path / "IDEA.md")
    assert base(shop.path).notes == ()


def test_detached_head(shop: Any) -> None:
    shop.git("switch", "--quiet", "--detach", "HEAD")
    found = base(shop.path)
    assert found.base_branch == ""
    assert found.notes[0].startswith(f"HEAD is detached at {found.commit[:7]}")


def test_a_branch_of_an_earlier_attempt_is_continued(shop: Any) -> None:
    start = shop.git("rev-parse", "HEAD")
    shop.git("switch", "--quiet", "--create", BRANCH)
    tip = shop.commit("Attempt")
    shop.git("switch", "--quiet", "main")
    found = base(shop.path)
    assert (found.commit, found.head) == (start, tip)
    assert found.notes == (f"The branch `{BRANCH}` was there; this run continues on it, at {tip[:7]}.",)

    newer = shop.commit("Meanwhile")
    found = base(shop.path)
    assert (found.commit, found.head) == (newer, tip)
    assert found.behind == 1
    shop.commit("And more")
    assert base(shop.path).behind == 2


def test_a_branch_that_is_merely_behind_starts_at_head(shop: Any) -> None:
    shop.git("branch", BRANCH)
    newer = shop.commit("Meanwhile")
    found = base(shop.path)
    assert (found.commit, found.head) == (newer, newer)
    assert "without commits of its own" in found.notes[0]


def test_a_branch_with_another_history_is_refused(shop: Any) -> None:
    tree = shop.git("rev-parse", "HEAD^{tree}")
    shop.git("branch", BRANCH, shop.git("commit-tree", tree, "-m", "Orphan"))
    assert "shares no history with `main`" in refused(shop.path).what


def test_a_branch_in_use_is_refused(shop: Any, tmp_path: Path) -> None:
    shop.git("switch", "--quiet", "--create", BRANCH)
    assert f"is checked out in {shop.path}" in refused(shop.path).what
    shop.git("switch", "--quiet", "main")
    shop.git("worktree", "add", "--quiet", str(tmp_path / "second"), BRANCH)
    assert f"is checked out in {tmp_path / 'second'}" in refused(shop.path).what
    # Somebody's second working tree is a repository to run on like the first.
    shop.git("-C", str(tmp_path / "second"), "switch", "--quiet", "--create", "other")
    assert base(tmp_path / "second").base_branch == "other"


def test_a_branch_in_the_way_of_ours_is_refused(shop: Any) -> None:
    shop.git("branch", "groundwork")
    assert "beside it git cannot hold `groundwork/add-infra`" in refused(shop.path).what
    assert "cannot be the name" in refused(shop.path, "a..b").what


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing", "does not exist"),
        ("file", "is a file"),
        ("directory", "is not a git repository"),
        ("bare", "is a bare repository"),
        ("empty", "has no commit on `main` yet"),
        ("part", "is a directory inside the repository"),
        ("git-dir", "is the inside of a repository"),
        ("broken", "is not a git repository"),
    ],
)
def test_what_is_no_repository_to_work_on(
    kind: str, words: str, shop: Any, tmp_path: Path, new_repository: Callable[..., Any]
) -> None:
    paths = {"part": shop.path / "docs", "git-dir": shop.path / ".git"}
    path = paths.get(kind, tmp_path / kind)
    if kind == "file":
        path.write_text("", encoding="utf-8")
    elif kind in {"directory", "broken"}:
        path.mkdir()
        if kind == "broken":
            (path / ".git").write_text("gitdir: /nowhere\n", encoding="utf-8")
    elif kind in {"bare", "empty"}:
        new_repository(kind, *(["--bare"] if kind == "bare" else []))
    before = shop.fingerprint()
    error = refused(path)
    assert words in error.what
    assert str(path) in error.what
    assert shop.fingerprint() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user who may not read")
def test_a_directory_that_cannot_be_read(shop: Any, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    shop.path.chmod(0o700)
    os.seteuid(65534)
    try:
        error = refused(shop.path)
    finally:
        os.seteuid(0)
    assert "cannot be read" in error.what


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_of_somebody_else_is_read_without_running_anything_of_it(shop: Any, tmp_path: Path) -> None:
    for path in (shop.path, *shop.path.rglob("*")):
        os.lchown(path, 65534, 65534)
    assert base(shop.path).base_branch == "main"
    assert not (tmp_path / "ran").exists()


def test_an_unreadable_index_is_told(shop: Any) -> None:
    shop.git("update-index", "--split-index")
    assert "could not be told" in base(shop.path).notes[0]


def test_settings_of_a_stranger_are_not_executed(shop: Any, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    for key in (
        "core.fsmonitor",
        "filter.x.smudge",
        "filter.x.clean",
        "core.sshCommand",
        "diff.x.textconv",
        "core.editor",
    ):
        shop.git("config", key, f"touch {ran};")
    shop.git("config", "log.showSignature", "true")
    shop.git("config", "gpg.program", str(shop.write(".git/gpg", f"#!/bin/sh\ntouch {ran}\n")))
    (shop.path / ".git/gpg").chmod(0o755)
    head = shop.git("cat-file", "commit", "HEAD").partition("\n\n")[0]
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
    shop.write("commit", f"{head}\n{signature}\n\nSigned\n")
    shop.git("reset", "--quiet", "--soft", shop.git("hash-object", "-t", "commit", "-w", "commit"))
    shop.git("config", "remote.origin.url", f"ext::touch {ran}")
    shop.git("config", "remote.origin.promisor", "true")
    shop.git("config", "extensions.partialClone", "origin")
    shop.write(".gitattributes", "* filter=x diff=x\n")
    subprocess.run(["git", "-c", "core.fsmonitor=", "-c", "filter.x.clean=", "add", "."], cwd=shop.path, check=True)
    shop.write("IDEA.md", "changed\n")

    async def story() -> None:
        workspaces = WorktreeWorkspaces(shop.path)
        start = await workspaces.base(BRANCH)
        async with workspaces.tree(start.head) as root:
            (root / "new").write_text("x", encoding="utf-8")
            change = await workspaces.change(root)
        commit = await workspaces.commit(change, parent=start.head, message="x")
        await workspaces.advance(BRANCH, commit, expected="")
        with pytest.raises(RepositoryError):
            await workspaces.between("1" * 40, commit)

    hook = shop.write(".git/hooks/reference-transaction", f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    ran.unlink(missing_ok=True)
    asyncio.run(story())
    assert not ran.exists()


def test_a_folder_for_texts_that_would_dirty_the_tree_is_refused_at_the_start(shop: Any, tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="lies in the working tree"):
        asyncio.run(WorktreeWorkspaces(shop.path, out=shop.path / "report").base(BRANCH))
    assert asyncio.run(WorktreeWorkspaces(shop.path, out=tmp_path / "report").base(BRANCH)).branch == BRANCH
