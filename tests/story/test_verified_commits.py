"""`commits: verified`: GitHub makes the commits and signs them; all else is as with a push."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bot.errors import RepositoryError
from bot.forge.github.access import AppKey, GitHubApp
from bot.forge.github.repository_api import Place, RepositoryApi
from bot.forge.github.signed_commits import SignedCommits
from bot.model.outgoing import Entry, Outgoing
from tests.fakes.reviser import FakeReviser
from tests.fakes.verifier import HEALTHY, UNHEALTHY, FakeVerifier
from tests.story.conftest import ASKS, SHOP
from tests.story.emulator.github import APP_ID, INSTALLATION, GitHub, Repository
from tests.story.killed import Worker, begun
from tests.story.server import Server, serving
from tests.story.test_errors_in_words import REFUSALS

WISH = {".github/groundwork.yml": "commits: verified\n"}
NOTE = {"src/note.txt": "by hand\n"}
COMPOSE = "src/docker-compose.yml"
# Between these a process can die with the commit made, or the branch moved and nobody told.
PLACES = (
    "before POST /git/trees",
    "after POST /git/commits",
    "before POST /git/refs",
    "after POST /git/refs",
    "after PATCH /git/refs/heads/groundwork/<n>-add-infrastructure",
)


@pytest.fixture
def able(github: GitHub, key: str, tmp_path: Path, verifier: FakeVerifier) -> Iterator[Server]:
    with serving(
        github, key, tmp_path / "able", verifier=verifier, engine=FakeReviser(mends="src/mended.txt")
    ) as server:
        yield server


@pytest.fixture
def strict(shop: Repository) -> Repository:
    """A repository with a rule for signed commits: a push is refused."""
    shop.commit("main", WISH, "Ask for verified commits")
    shop.refuse_pushes(REFUSALS["signed commits"])
    return shop


def proposed(server: Server, shop: Repository) -> Any:
    assert server.done(shop.label(shop.issue("Add infrastructure", ASKS))) == "ready"
    (pull,) = shop.pulls()
    return pull


def test_a_rule_for_signed_commits_is_kept(github: GitHub, able: Server, strict: Repository) -> None:
    pull = proposed(able, strict)
    branch = pull["head"]["ref"]
    assert strict.branches()[branch] == pull["head"]["sha"]
    assert {COMPOSE, "README.md"} <= {*strict.files(branch)}
    assert strict.log(branch)[0].startswith("groundwork[bot] <")
    assert not any(call.method == "PUSH" for call in github.front.calls)
    made = [call.body for call in github.front.calls if call.path.endswith("/git/commits")]
    assert made
    assert all(body.keys() == {"message", "tree", "parents"} for body in made), "GitHub signs what names no author"
    scripts = [path for path in strict.files(branch) if path.endswith(".sh")]
    assert all(strict.mode(branch, path) == "100755" for path in scripts)


def test_repair_base_and_revision_go_on_from_what_github_made(
    able: Server, strict: Repository, verifier: FakeVerifier
) -> None:
    verifier.reports = [UNHEALTHY, HEALTHY]
    pull = proposed(able, strict)
    branch = pull["head"]["ref"]
    newest = strict.commit("main", {"docs/NOTES.md": "Be quick.\n"}, "Add notes")
    review = strict.review(pull["number"], "", beside={COMPOSE: "Say it in src/ports.txt"})
    assert able.done(review) == "revised 1 of 1"
    head = strict.branches()[branch]
    assert verifier.asked[-1] == head
    assert {pull["head"]["sha"], newest} <= {*strict.commits(head)}
    assert {"docs/NOTES.md", "src/ports.txt"} <= {*strict.files(head)}
    assert [check["conclusion"] for check in strict.checks(head)] == ["success"]
    ours = [line for line in strict.log(branch) if not line.startswith("Mona")]
    assert [line.partition(" | ")[2] for line in ours] == [
        "Revise infrastructure: Add infrastructure",
        f"Merge branch 'main' into {branch}",
        "Mend infrastructure, attempt 2",
        "Add infrastructure: Add infrastructure",
    ]


def test_a_branch_that_a_person_moves_meanwhile_is_left_alone(github: GitHub, able: Server, strict: Repository) -> None:
    pull = proposed(able, strict)
    branch = pull["head"]["ref"]
    theirs: list[str] = []

    def push(call: Any) -> None:
        if call.path.endswith("/git/commits") and call.method == "POST" and not theirs:
            person = Thread(target=lambda: theirs.append(strict.commit(branch, NOTE, "Add a note")))
            person.start()
            person.join()

    github.front.on_done = push
    try:
        review = strict.review(pull["number"], "", beside={COMPOSE: "Say it in src/ports.txt"})
        assert able.done(review) == "failed"
    finally:
        github.front.on_done = lambda _call: None
    assert strict.branches()[branch] == theirs[0]
    (number,) = {one["number"] for one in strict.api("GET", "issues?state=all")} - {pull["number"]}
    assert "moved while this run was on. Nothing was changed." in strict.comments(number)[0]


def test_a_forge_that_signs_nothing_is_named_in_the_log(
    github: GitHub, able: Server, strict: Repository, caplog: pytest.LogCaptureFixture
) -> None:
    github.front.git_data.signs = False
    try:
        with caplog.at_level(logging.WARNING):
            proposed(able, strict)
    finally:
        github.front.git_data.signs = True
    assert f"{strict.name} did not sign commit" in caplog.text
    assert "unsigned" in caplog.text


@pytest.mark.parametrize("places", [PLACES[::2], PLACES[1::2]], ids=["some", "others"])
def test_killed_anywhere_around_a_commit_there_is_one_of_each(
    github: GitHub, key: str, tmp_path: Path, places: tuple[str, ...]
) -> None:
    (tmp_path / "key.pem").write_text(key)
    worker = Worker()
    try:
        story = begun(
            github, worker, tmp_path / "key.pem", tmp_path, f"verified-killed-{len(places)}", files={**SHOP, **WISH}
        )
        number = story.repository.issue("Add infrastructure", ASKS)
        told = story.tell(story.repository.label(number), die=frozenset(places))
    finally:
        worker.close()
    assert told.ended == ["ready"]
    assert told.lives == len(places) + 1
    (pull,) = story.repository.pulls()
    assert len(story.repository.log(pull["head"]["ref"])) == 3, "the documents, the first attempt, its repair"
    assert len(story.repository.comments(pull["number"])) == 1


def test_what_is_no_text_is_removed_or_is_a_program_arrives_as_it_is(
    github: GitHub, key: str, strict: Repository
) -> None:
    files = (
        Entry(path="src/picture.png", mode="100644", object_id=blob(b"\x89PNG\0"), content=b"\x89PNG\0"),
        Entry(path="src/long.txt", mode="100644", object_id=blob(b"x" * 300_000), content=b"x" * 300_000),
        Entry(path="src/run", mode="100755", object_id=blob(b"#!/bin/sh\n"), content=b"#!/bin/sh\n"),
        Entry(path="README.md", mode="100644", object_id=""),
    )
    tip = strict.branches()["main"]
    before = strict.tree(tip)
    whole = strict.made_tree(tip, {one.path: (one.mode, one.content) for one in files})
    outgoing = Outgoing(parents=(tip,), message="Add\n", tree=whole, before=before, entries=files)
    place = Place(installation=INSTALLATION, repository_id=strict.id, name=strict.name)
    commits = SignedCommits(
        RepositoryApi(GitHubApp(AppKey(app_id=APP_ID, private_key=key, api_url=github.url, web_url=github.url)), place)
    )

    async def story() -> None:
        first = await commits.push("groundwork/parts", outgoing, expected="")
        assert strict.branches()["groundwork/parts"] == first
        assert strict.tree(first) == whole
        assert await commits.push("groundwork/parts", outgoing, expected="") == first, "twice is once"
        with pytest.raises(RepositoryError, match="moved while this run was on"):
            await commits.push("groundwork/parts", replace(outgoing, message="Another\n"), expected="")
        with pytest.raises(RepositoryError, match="moved while this run was on"):
            await commits.push("groundwork/gone", outgoing, expected=tip)
        with pytest.raises(RepositoryError, match="Nothing was changed"):
            await commits.push("groundwork/other", replace(outgoing, tree=before), expected="")
        assert "groundwork/other" not in strict.branches()

    asyncio.run(story())


def blob(content: bytes) -> str:
    """The id that git gives to a file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
