"""The local forge: branches by way of the repository, texts as whole files, never through a link."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from bot.errors import RepositoryError
from bot.forge.local import LocalForge
from bot.model.proposal import Proposal

PROPOSAL = cast("Proposal", None)  # it goes to the renderer as it is
TEXTS = {"pull-request.md": "Größe\n", "health-report.md": "b", "health-report.json": "{}", "health-report.html": "<p>"}


class FakeBranches:
    """Records what was asked; refuses folders named `dirty`."""

    def __init__(self) -> None:
        self.moves: list[tuple[str, str, str]] = []

    async def advance(self, branch: str, commit: str, *, expected: str) -> None:
        self.moves.append((branch, commit, expected))

    async def refuse_dirtying(self, folder: Path) -> None:
        if folder.name == "dirty":
            raise RepositoryError("in the way")


def render(_proposal: Proposal) -> Mapping[str, str]:
    return TEXTS


def propose(out: Path) -> str:
    return asyncio.run(LocalForge(FakeBranches(), out=out, render=render).propose(PROPOSAL))


def test_texts_are_written_and_renewed(tmp_path: Path) -> None:
    out = tmp_path / "deep/out"
    assert propose(out) == str(out)
    (out / "pull-request.md").write_text("older", encoding="utf-8")
    (out / "mine.txt").write_text("kept", encoding="utf-8")
    propose(out)
    assert {path.name: path.read_text(encoding="utf-8") for path in out.iterdir()} == {**TEXTS, "mine.txt": "kept"}


def test_a_link_in_the_folder_is_replaced_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("precious", encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    (out / "pull-request.md").symlink_to(tmp_path / "victim")
    propose(out)
    assert (tmp_path / "victim").read_text(encoding="utf-8") == "precious"
    assert (out / "pull-request.md").read_text(encoding="utf-8") == "Größe\n"


@pytest.mark.parametrize("kind", ["link", "dangling", "file", "below a file", "directory in the way", "dirty"])
def test_a_folder_that_cannot_be_used_is_refused_in_words(kind: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (tmp_path / "victim").mkdir()
    if kind == "link":
        out.symlink_to(tmp_path / "victim")
    elif kind == "dangling":
        out.symlink_to(tmp_path / "nowhere")
    elif kind == "directory in the way":
        (out / "pull-request.md").mkdir(parents=True)
    elif kind == "dirty":
        out = tmp_path / "dirty"
    else:
        out.write_text("", encoding="utf-8")
        out = out / "deeper" if kind == "below a file" else out
    with pytest.raises(RepositoryError) as caught:
        propose(out)
    assert kind == "dirty" or (str(out) in caught.value.what and "--out" in caught.value.hint)
    assert list((tmp_path / "victim").iterdir()) == []
    assert not list(tmp_path.rglob(".*")), "no half-written file stays"


def test_a_push_moves_the_branch_only_where_the_texts_will_have_a_place(tmp_path: Path) -> None:
    branches = FakeBranches()
    asyncio.run(LocalForge(branches, out=tmp_path / "out", render=render).push("b", "c" * 40, expected=""))
    (tmp_path / "file").touch()
    for name in ("dirty", "file"):
        with pytest.raises(RepositoryError):
            asyncio.run(LocalForge(branches, out=tmp_path / name, render=render).push("b", "d" * 40, expected="c" * 40))
    assert branches.moves == [("b", "c" * 40, "")]
