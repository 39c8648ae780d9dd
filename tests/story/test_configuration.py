"""`.github/groundwork.yml` of a repository, over the one that its organisation keeps for all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.fakes.verifier import UNHEALTHY, FakeVerifier
from tests.story.conftest import ASKS, SHOP, plain
from tests.story.emulator.github import GitHub, Repository, signed
from tests.story.server import Server

PATH = ".github/groundwork.yml"


def configured(github: GitHub, name: str, text: str) -> Repository:
    return github.repository(name, {**SHOP, PATH: text})


@pytest.fixture
def shared(github: GitHub) -> Iterator[Repository]:
    """The organisation's own repository, for the length of a story."""
    repository = github.repository(".github", {PATH: "labels: [shared]\nattempts: 1\ndraft: always\n"})
    yield repository
    repository.api("DELETE", "")
    shutil.rmtree(repository.bare)


def test_reviewers_and_labels_come_from_the_repository_over_the_organisation(
    github: GitHub, server: Server, shared: Repository, verifier: FakeVerifier
) -> None:
    del shared
    verifier.reports = [UNHEALTHY]
    shop = configured(github, "with-both", "reviewers: [mona]\ndraft: never\n")
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "draft", shop.comments(number)
    (pull,) = shop.pulls()
    assert [one["login"] for one in pull["requested_reviewers"]] == ["mona"]
    assert [label["name"] for label in pull["labels"]] == ["shared"]
    assert not pull["draft"], "never means never; the report says that it is not healthy"
    assert len(verifier.asked) == 1
    assert "### ❌" in shop.comments(pull["number"])[0]


def test_a_mistake_is_told_on_the_issue_with_its_line_and_nothing_is_written(
    github: GitHub, server: Server, snapshot: SnapshotAssertion
) -> None:
    shop = configured(github, "with-a-mistake", "labels: [ops]\ndraft: sometimes\n")
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "failed"
    assert [plain(github, text) for text in shop.comments(number)] == snapshot
    assert set(shop.branches()) == {"main"}
    shop.commit("main", {PATH: "labels: [ops]\n"}, "Mend the configuration")
    assert server.done(shop.comment(number, "/infra run")) == "ready"


def test_a_mistake_of_the_organisation_names_its_repository(github: GitHub, server: Server, shared: Repository) -> None:
    shared.commit("main", {PATH: "rounds: many\n"}, "A mistake")
    shop = configured(github, "with-its-own", "labels: [ops]\n")
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "failed"
    said = shop.comments(number)[0].replace("&#8203;", "")
    assert "acme/.github: .github/groundwork.yml:1:9: `rounds` is a number from 1 to 100" in said


def test_a_bot_that_is_trusted_may_start_a_run(github: GitHub, server: Server) -> None:
    shop = configured(github, "with-a-bot", "trusted: ['renovate[bot]']\nverification: none\n")
    number = shop.issue("Add infrastructure", ASKS)
    payload = shop.label(number).payload
    payload["sender"] = {"id": 10, "login": "renovate[bot]", "type": "Bot"}
    assert server.done(signed("issues", payload)) == "draft"
    (pull,) = shop.pulls()
    assert "switches verification off" in shop.comments(pull["number"])[0]


def test_who_cannot_be_asked_for_a_review_is_told_and_the_pull_request_stands(github: GitHub, server: Server) -> None:
    shop = configured(github, "with-a-stranger", "reviewers: [nobody-here]\n")
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "ready", shop.comments(number)
    (pull,) = shop.pulls()
    assert "`nobody-here` could not be asked for a review" in shop.comments(pull["number"])[1]
