"""The workflow that verifies is added where it may be and is missing, and nothing else is touched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.model.brief import Brief
from bot.model.change import Work
from bot.model.issue import Issue
from bot.workflow.verify_workflow import PATH, VerifyWorkflow
from bot.workflow.with_workflow import AddedWorkflow, WithWorkflow
from tests.fakes.ports import ORIGIN, FakeEngine, FakeWorkspaces

WORKFLOW = VerifyWorkflow(action=f"acme/groundwork/deploy/actions/verify@{'0' * 40}")
OLDER = VerifyWorkflow(action=f"acme/groundwork/deploy/actions/verify@{'1' * 40}").text()


@dataclass
class Tree:
    scratch: Path
    may: bool = True
    asked: list[str] = field(default_factory=list)
    text: str | None = None

    def built(
        self, prepare: Callable[[Path], object] = lambda _root: None, *, writes: bool = True, always: bool = True
    ) -> Work:
        """Build in a fresh tree that was prepared; keep the workflow's text."""
        workspaces = FakeWorkspaces(self.scratch)

        async def may_add() -> bool:
            self.asked.append("may add")
            return self.may

        engine = WithWorkflow(
            engine=FakeEngine(["good" if writes else ""]),
            adding=AddedWorkflow(workspaces=workspaces, workflow=WORKFLOW, may_add=may_add, always=always),
        )

        async def build() -> Work:
            async with workspaces.tree(ORIGIN) as root:
                prepare(root)
                work = await engine.build(Brief(), Issue(title="Shop"), root)
                self.text = (root / PATH).read_text() if (root / PATH).is_file() else None
            return work

        return asyncio.run(build())


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    (tmp_path / "scratch").mkdir()
    return Tree(tmp_path / "scratch")


def holding(text: str) -> Callable[[Path], object]:
    def prepare(root: Path) -> None:
        (root / PATH).parent.mkdir(parents=True)
        (root / PATH).write_text(text)

    return prepare


def test_it_is_added_and_said(tree: Tree) -> None:
    work = tree.built(always=False)
    assert tree.text == WORKFLOW.text()
    assert [decision.what for decision in work.decisions] == [f"`{PATH}`, which proves the stack in GitHub Actions"]


def test_where_nothing_was_written_nothing_is_added_unless_that_is_asked(tree: Tree) -> None:
    tree.built(writes=False, always=False)
    assert (tree.text, tree.asked) == (None, [])
    tree.built(writes=False)
    assert tree.text == WORKFLOW.text()


def test_the_current_one_stays_as_people_changed_it_and_an_older_one_is_renewed(tree: Tree) -> None:
    changed = WORKFLOW.text() + "# ours\n"
    tree.built(holding(changed))
    assert (tree.text, tree.asked) == (changed, [])
    tree.built(holding(OLDER))
    assert tree.text == WORKFLOW.text()


def test_without_the_permission_it_is_left_out_and_said(tree: Tree) -> None:
    tree.may = False
    work = tree.built()
    assert tree.text is None
    assert [(kept.path, "may not write workflow files" in kept.why) for kept in work.kept] == [(PATH, True)]


def _link(name: str) -> Callable[[Path], object]:
    def prepare(root: Path) -> None:
        outside = root.parent.parent / "outside"
        outside.mkdir(exist_ok=True)
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(outside / "file" if name == PATH else outside)

    return prepare


@pytest.mark.parametrize(
    "prepare",
    [
        _link(".github"),
        _link(".github/workflows"),
        _link(PATH),
        lambda root: (root / ".github").write_text("a file"),
        lambda root: (root / PATH).mkdir(parents=True),
    ],
    ids=["linked .github", "linked folder", "linked file", "file", "folder"],
)
def test_what_stands_in_its_place_is_left_alone_and_said(
    tree: Tree, tmp_path: Path, prepare: Callable[[Path], object]
) -> None:
    work = tree.built(prepare)
    assert ["is where it should be" in kept.why for kept in work.kept] == [True]
    assert not list((tmp_path / "outside").glob("*"))
