"""Long histories, Git LFS and submodules: no more is fetched than a run needs, and what is not git's is left alone."""

from __future__ import annotations

import base64
import random
from pathlib import Path
from typing import Any

from tests.story.conftest import ASKS, SHOP
from tests.story.emulator.github import GitHub, Repository
from tests.story.server import Server

VERSIONS = 10
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22e\nsize 12345\n"


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def proposed(server: Server, shop: Repository) -> Any:
    assert server.done(shop.label(shop.issue("Add infrastructure", ASKS))) == "ready"
    (pull,) = shop.pulls()
    return pull


def test_of_a_long_history_only_the_newest_files_are_fetched(server: Server, shop: Repository, tmp_path: Path) -> None:
    noise = random.Random(7)
    for version in range(VERSIONS):
        dump = base64.b64encode(noise.randbytes(1_000_000)).decode()
        shop.commit("main", {"dump.sql": dump}, f"Dump {version}")
    shop.commit("main", {"dump.sql": "small now\n"}, "Dump less")
    pull = proposed(server, shop)
    clones = tmp_path / "data" / "clones"
    assert size(shop.bare) > VERSIONS * 700_000
    assert size(clones) < 1_000_000, "neither history nor old contents came over the wire"
    # A later run joins its branch to a base that went on, through the history that is not here.
    for number in range(3):
        shop.commit("main", {"docs/NOTES.md": f"{number}\n"}, "Note")
    assert server.done(shop.comment(int(pull["head"]["ref"].split("/")[1].split("-")[0]), "/infra run")) == "ready"
    assert "docs/NOTES.md" in shop.files(pull["head"]["ref"])
    assert size(clones) < 1_000_000


def test_pointers_of_git_lfs_stay_as_they_are_and_documents_behind_them_are_named(
    server: Server, shop: Repository
) -> None:
    attributes = "*.png filter=lfs diff=lfs merge=lfs -text\n"
    shop.commit("main", {".gitattributes": attributes, "logo.png": POINTER, "IDEA.md": POINTER}, "Use LFS")
    pull = proposed(server, shop)
    assert shop.show(pull["head"]["ref"], "logo.png") == POINTER
    assert "`IDEA.md` is kept in Git LFS" in pull["body"]


def test_a_submodule_is_not_fetched_and_stays_where_it_points(github: GitHub, server: Server, shop: Repository) -> None:
    other = github.repository(f"{shop.name.partition('/')[2]}-papers", SHOP)
    at = other.branches()["main"]
    modules = '[submodule "docs/papers"]\n\tpath = docs/papers\n\turl = ../papers.git\n'
    shop.commit("main", {".gitmodules": modules}, "Add papers", links={"docs/papers": at})
    pull = proposed(server, shop)
    assert shop.object_at(pull["head"]["ref"], "docs/papers") == ("160000", at)
    assert not any(call.method == "FETCH" and call.path.endswith("-papers") for call in github.front.calls)
