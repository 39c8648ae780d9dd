"""The App with a model: a scripted Messages server writes, repairs and revises, and people read what it cost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from syrupy.assertion import SnapshotAssertion

from bot.model.health import Outcome
from tests.fakes.messages_server import Answer, MessagesServer, Trouble, messages_server
from tests.fakes.verifier import HEALTHY, UNHEALTHY, FakeVerifier
from tests.story.conftest import ASKS
from tests.story.emulator.github import GitHub, Repository
from tests.story.server import Server, serving
from tests.story.test_cancel_and_commands import held_at_verification

PUBLIC = "https://groundwork.example.org"
KEY = "sk-ant-planted-key-0123456789"


def write(path: str, content: str) -> tuple[str, dict[str, Any]]:
    return "Write", {"file_path": path, "content": content}


WRITTEN = (
    Answer("I look.", (("Read", {"file_path": "README.md"}),)),
    Answer("", (("Skill", {"name": "express", "render": True}),), usage=(100, 2000, 9000, 400)),
    Answer("Written.\nDecision: Express | README.md:3\nConfirm: the port"),
)


@contextmanager
def app(github: GitHub, key: str, data: Path, model: MessagesServer, verifier: FakeVerifier) -> Iterator[Server]:
    more: dict[str, Any] = {
        "written_by": "claude",
        "model_key": SecretStr(KEY),
        "model_url": model.url,
        "public_url": PUBLIC,
        "sandbox_image": "not-there:1",
    }
    with serving(github, key, data, verifier=verifier, **more) as server:
        yield server


@pytest.mark.parametrize("sick", [False, True])
def test_a_label_becomes_what_the_model_wrote(
    github: GitHub, key: str, tmp_path: Path, shop: Repository, verifier: FakeVerifier, *, sick: bool
) -> None:
    repair = (Answer("", (write("src/.gitignore", ".env\nnode_modules/\n"),)), Answer("Mended."))
    verifier.reports = [UNHEALTHY, HEALTHY] if sick else [HEALTHY]
    with messages_server(*WRITTEN, *repair) as model, app(github, key, tmp_path / "data", model, verifier) as server:
        number = shop.issue("Add infrastructure", ASKS)
        assert server.done(shop.label(number)) == "ready", shop.comments(number)
        assert len(model.requests) == (5 if sick else 3)
        (pull,) = shop.pulls()
        assert "| Express | README.md:3 |" in pull["body"].replace("`", "")
        assert "the port" in pull["body"]
        (report,) = shop.comments(pull["number"])
        assert re.search(r"\$0\.0\d", report), report
        if sick:
            assert re.search(r"\(implementing \$0\.\d\d, repairing \$0\.\d\d\)", report), report
            assert "is `::1` first" in str(model.requests[3]["messages"][0])
        assert "src/docker-compose.yml" in shop.files(pull["head"]["ref"])
        (comment,) = shop.comments(number)
        link = re.search(rf"\(({PUBLIC}/run/\S+)\)", comment)
        assert link, comment
        page, said = server.get(link[1]), server.get(f"{link[1]}&transcript")
        assert "What was said with it" in page.text
        assert "Written." in said.text
        assert KEY not in said.text
    assert not any(KEY in path.read_text(errors="replace") for path in (tmp_path / "data").rglob("*") if path.is_file())


def test_what_came_furthest_stays_on_the_branch(
    github: GitHub, key: str, tmp_path: Path, shop: Repository, verifier: FakeVerifier
) -> None:
    worse = (Answer("", (write("src/.gitignore", "worse\n"),)), Answer("Mended."), Answer("I know no more."))
    verifier.reports = [UNHEALTHY, replace(UNHEALTHY, outcome=Outcome.BUILD_FAILED, services=())]
    with messages_server(*WRITTEN, *worse) as model, app(github, key, tmp_path / "data", model, verifier) as server:
        assert server.done(shop.label(shop.issue("Add infrastructure", ASKS))) == "draft"
        (pull,) = shop.pulls()
        first, second = verifier.asked
        head = shop.branches()[pull["head"]["ref"]]
        assert head not in {first, second}, "what was pushed stays, with a commit on top"
        assert [line.split("| ")[-1] for line in shop.log(pull["head"]["ref"])[:2]] == [
            "Go back to attempt 1",
            "Mend infrastructure, attempt 2",
        ]
        assert pull["draft"]
        assert "holds what attempt 1 left" in pull["body"]
        (report,) = shop.comments(pull["number"])
        assert f"head={head[:7]}" in report


def answered(request: dict[str, Any]) -> Answer:
    """What the model says of a review: the first request is done, the others are not."""
    keys = list(dict.fromkeys(re.findall(r"ANSWER ([a-z]+-\d+) done", str(request["messages"][0]))))
    lines = [f"ANSWER {key} {'done' if key == keys[0] else 'not done'}: about {key}" for key in keys]
    return Answer("Revised.\n" + "\n".join(lines), usage=(100, 0, 500, 90_000))


def test_a_review_is_done_by_the_model_and_each_thread_gets_its_answer(
    github: GitHub, key: str, tmp_path: Path, shop: Repository, verifier: FakeVerifier
) -> None:
    revision = (Answer("", (write("src/NOTES.md", "as asked\n"),)), answered)
    with messages_server(*WRITTEN, *revision) as model, app(github, key, tmp_path / "data", model, verifier) as server:
        assert server.done(shop.label(shop.issue("Add infrastructure", ASKS))) == "ready"
        (pull,) = shop.pulls()
        places = {"src/docker-compose.yml": "Keep notes in src/NOTES.md", "src/.env.example": "Is this nice?"}
        assert server.done(shop.review(pull["number"], "", beside=places)) == "revised 1 of 2"
        asked = str(model.requests[3]["messages"][0])
        assert all(words in asked for words in places.values())
        branch = pull["head"]["ref"]
        head = shop.branches()[branch]
        assert head != pull["head"]["sha"]
        assert "src/NOTES.md" in shop.files(branch)
        assert verifier.asked == [pull["head"]["sha"], head], "what was revised is proved anew"
        threads = [one for one in shop.remarks(pull["number"]) if one["in_reply_to_id"]]
        assert len(threads) == 2
        assert [head[:7] in one["body"] for one in threads].count(True) == 1, "the one that was done names its commit"
        assert len(github.front.resolved) == 1
        (report, *_) = shop.comments(pull["number"])
        assert re.search(r"cost \$1\.\d\d \(revising\)", report), report


def test_after_a_restart_no_turn_is_asked_again(
    github: GitHub, key: str, tmp_path: Path, shop: Repository, verifier: FakeVerifier
) -> None:
    with messages_server(*WRITTEN) as model:
        with app(github, key, tmp_path / "data", model, verifier) as server:
            _, job = held_at_verification(server, shop, verifier)
        verifier.held = False
        with app(github, key, tmp_path / "data", model, verifier) as server:
            assert server.ended(job) == "ready"
        assert len(model.requests) == 3


def test_a_key_that_is_not_valid_is_said_on_the_issue(
    github: GitHub, key: str, tmp_path: Path, shop: Repository, verifier: FakeVerifier, snapshot: SnapshotAssertion
) -> None:
    refusal = Trouble(401, "authentication_error", "invalid x-api-key")
    with messages_server(refusal) as model, app(github, key, tmp_path / "data", model, verifier) as server:
        number = shop.issue("Add infrastructure", ASKS)
        assert server.done(shop.label(number)) == "failed"
        (comment,) = shop.comments(number)
    assert comment.partition("[Steps, times")[0] == snapshot
    assert shop.pulls() == []
