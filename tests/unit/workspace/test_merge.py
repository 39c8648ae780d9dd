"""What came to the base branch meanwhile is merged by a commit of its own, or the paths that disagree are named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.model.change import Change
from bot.model.proposal import Merge
from bot.workspace.cloned import ClonedWorkspaces
from bot.workspace.worktree import WorktreeWorkspaces

BRANCH = "groundwork/add-infra"
MESSAGE = f"Merge branch 'main' into {BRANCH}\n"


def parted(shop: Any, ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[str, str]:
    """Two commits that part where the repository is: one on our branch, one on `main`, which stays checked out."""
    shop.git("switch", "--quiet", "--create", BRANCH)
    ours()
    mine = shop.commit("Ours")
    shop.git("switch", "--quiet", "main")
    theirs()
    return mine, shop.commit("Theirs")


def merged(shop: Any, ours: str, theirs: str) -> Merge:
    return asyncio.run(WorktreeWorkspaces(shop.path).merge(ours, theirs, message=MESSAGE))


def test_a_merge_holds_what_both_sides_did_and_is_the_same_each_time(shop: Any) -> None:
    def theirs() -> None:
        shop.git("mv", "IDEA.md", "docs.md")
        shop.write("app.py", "print()\n")
        (shop.path / "app.py").chmod(0o755)

    mine, yours = parted(shop, lambda: shop.write("src/compose.yml", "services: {}\n"), theirs)
    before = shop.fingerprint()
    merge = merged(shop, mine, yours)
    assert shop.fingerprint() == before
    assert merge == Merge(commit=merge.commit)
    assert merged(shop, mine, yours) == merge
    assert shop.git("rev-parse", f"{merge.commit}^1", f"{merge.commit}^2").split() == [mine, yours]
    assert shop.git("log", "-1", "--format=%an %s", merge.commit) == f"Groundwork {MESSAGE.strip()}"
    paths = shop.git("ls-tree", "-r", "--name-only", merge.commit).splitlines()
    assert {"src/compose.yml", "app.py", "docs.md"} <= {*paths}
    assert "IDEA.md" not in paths
    assert shop.git("ls-tree", merge.commit, "app.py").startswith("100755")
    shop.git("fsck", "--strict", "--no-dangling")


def test_both_sides_of_one_file_are_joined_where_they_do_not_touch(shop: Any) -> None:
    lines = [f"{number}\n" for number in range(20)]
    shop.write("src/a", "".join(lines))
    shop.commit()
    first, last = ["first\n", *lines[1:]], [*lines[:-1], "last\n"]
    mine, yours = parted(shop, lambda: shop.write("src/a", "".join(first)), lambda: shop.write("src/a", "".join(last)))
    joined = shop.git("show", f"{merged(shop, mine, yours).commit}:src/a")
    assert joined.splitlines() == ["first", *(line.strip() for line in lines[1:-1]), "last"]


def test_what_disagrees_is_named_and_nothing_is_made(shop: Any) -> None:
    def write(text: str) -> Callable[[], object]:
        return lambda: [shop.write(name, text) for name in ("src/compose.yml", "src/ü.md")]

    mine, yours = parted(shop, write("ours\n"), write("theirs\n"))
    before = shop.git("count-objects")
    assert merged(shop, mine, yours) == Merge(conflicts=("src/compose.yml", "src/ü.md"))
    assert shop.git("count-objects") == before


def test_a_file_that_one_side_removed_and_the_other_changed_is_a_conflict(shop: Any) -> None:
    mine, yours = parted(shop, lambda: shop.write("IDEA.md", "# Else\n"), (shop.path / "IDEA.md").unlink)
    assert merged(shop, mine, yours).conflicts == ("IDEA.md",)


def test_a_merge_driver_of_the_repository_is_not_run(shop: Any, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    shop.write(".gitattributes", "* merge=mine\n")
    shop.git("config", "merge.mine.driver", f"touch {ran}")
    shop.commit()
    mine, yours = parted(shop, lambda: shop.write("a", "ours\n"), lambda: shop.write("a", "theirs\n"))
    assert merged(shop, mine, yours).conflicts == ("a",)
    assert not ran.exists()


def test_another_process_with_a_clone_of_its_own_makes_the_same_merge(shop: Any, tmp_path: Path) -> None:
    for number in range(60):
        shop.write("docs/log.md", f"{number}\n")
        shop.commit()
    mine, yours = parted(shop, lambda: shop.write("src/a", "ours\n"), lambda: shop.write("app.py", "print()\n"))
    for name in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        shop.git("config", name, "true")

    async def no_token(*, write: bool = False, workflows: bool = False) -> str:
        assert not write
        assert not workflows
        return "none"

    def clone(name: str) -> ClonedWorkspaces:
        return ClonedWorkspaces(tmp_path / name / "shop", f"file://{shop.path}", no_token)

    async def story() -> tuple[list[Merge], list[Change]]:
        first, second = clone("first"), clone("second")
        base = await first.base(BRANCH)
        assert (base.head, base.behind) == (mine, 1)
        changes = [await each.between(yours, mine) for each in (first, clone("third"))]
        return [await each.merge(mine, yours, message=MESSAGE) for each in (first, second)], changes

    (first, second), changes = asyncio.run(story())
    assert first.commit
    assert first == second
    assert [[file.path for file in change.files] for change in changes] == [["src/a"], ["src/a"]]
