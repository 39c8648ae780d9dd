"""The base branch moves while a pull request waits: the next run merges it, or says what a person has to decide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.reviser import FakeReviser
from tests.fakes.verifier import FakeVerifier
from tests.story.conftest import ASKS
from tests.story.emulator.github import GitHub, Repository
from tests.story.server import Server, serving

COMPOSE = "src/docker-compose.yml"


def proposed(server: Server, shop: Repository) -> Any:
    assert server.done(shop.label(shop.issue("Add infrastructure", ASKS))) == "ready"
    (pull,) = shop.pulls()
    return pull


def test_what_came_to_the_base_is_merged_and_proved(server: Server, shop: Repository, verifier: FakeVerifier) -> None:
    pull = proposed(server, shop)
    shop.commit("main", {"docs/NOTES.md": "Be quick.\n"}, "Add notes")
    newest = shop.commit("main", {"docs/MORE.md": "Be kind.\n"}, "Add more")
    assert server.done(shop.comment(_issue_of(pull), "/infra run")) == "ready"
    branch = pull["head"]["ref"]
    head = shop.branches()[branch]
    assert verifier.asked[-1] == head != pull["head"]["sha"]
    assert {"docs/NOTES.md", "docs/MORE.md", COMPOSE} <= {*shop.files(branch)}
    assert {pull["head"]["sha"], newest} <= {*shop.commits(branch)}, "a merge: nothing is rewritten"
    assert any(f"Merge branch 'main' into {branch}" in line for line in shop.log(branch))
    assert "groundwork[bot]" in shop.log(branch)[0]
    (renewed,) = shop.pulls()
    assert "docs/NOTES.md" not in renewed["body"], "what the base brought is no change of ours"
    assert f"head={head[:7]}" in shop.comments(pull["number"])[0]


def test_a_conflict_is_told_on_the_pull_request_and_mended_by_a_person(server: Server, shop: Repository) -> None:
    pull = proposed(server, shop)
    issue = _issue_of(pull)
    branch = pull["head"]["ref"]
    shop.commit("main", {COMPOSE: "services: {}\n", "docs/NOTES.md": "Be quick.\n"}, "Start with compose by hand")
    assert server.done(shop.comment(issue, "/infra run")) == "ready"
    assert shop.branches()[branch] == pull["head"]["sha"], "half a merge is none"
    (told,) = shop.pulls()
    assert (
        f"The branch conflicts with the newest commit of `main` in `{COMPOSE}`, so nothing was merged" in told["body"]
    )
    assert f"Merge `main` into `{branch}` and decide there" in told["body"]
    decided = shop.merge(branch, "main")
    assert server.done(shop.comment(issue, "/infra run")) == "ready"
    assert shop.branches()[branch] == decided, "what a person decided stays"
    (told,) = shop.pulls()
    assert "conflicts" not in told["body"]


def test_a_verification_by_hand_adds_nothing_and_says_what_is_lacking(server: Server, shop: Repository) -> None:
    pull = proposed(server, shop)
    shop.commit("main", {"docs/NOTES.md": "Be quick.\n"}, "Add notes")
    assert server.done(shop.comment(pull["number"], "/infra verify")) == "ready"
    assert shop.branches()[pull["head"]["ref"]] == pull["head"]["sha"]
    (told,) = shop.pulls()
    assert "The branch lacks the newest commit of `main`, which was not merged." in told["body"]


@pytest.mark.parametrize(("asked", "became"), [("Is this nice?", 0), ("Say it in src/ports.txt", 1)])
def test_a_revision_takes_in_the_base_and_proves_the_result(
    github: GitHub, key: str, tmp_path: Path, shop: Repository, verifier: FakeVerifier, asked: str, became: int
) -> None:
    with serving(github, key, tmp_path / "able", verifier=verifier, engine=FakeReviser()) as server:
        pull = proposed(server, shop)
        shop.commit("main", {"docs/NOTES.md": "Be quick.\n"}, "Add notes")
        assert server.done(shop.review(pull["number"], "", beside={COMPOSE: asked})) == f"revised {became} of 1"
        head = shop.branches()[pull["head"]["ref"]]
        assert "docs/NOTES.md" in shop.files(head)
        assert ("src/ports.txt" in shop.files(head)) == bool(became)
        assert verifier.asked[-1] == head, "what is on the branch is what was proved"
        assert f"head={head[:7]}" in shop.comments(pull["number"])[0]
        assert [check["conclusion"] for check in shop.checks(head)] == ["success"]
        assert bool(github.front.resolved) == bool(became)


def _issue_of(pull: Any) -> int:
    return int(pull["head"]["ref"].removeprefix("groundwork/").partition("-")[0])
