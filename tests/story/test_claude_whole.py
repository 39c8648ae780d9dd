"""The App with a model, everything else real: git over HTTP, sandbox, containers; and each way in which a run can end."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.docker.test_claude_run import COMPOSE, DOCKERFILE, SERVER, write
from tests.fakes.messages_server import Answer, MessagesServer, Trouble, messages_server
from tests.fakes.verifier import FakeVerifier
from tests.story.conftest import ASKS
from tests.story.emulator.github import GitHub, Repository
from tests.story.server import Server, serving
from tests.story.test_claude_engine import answered

PLACE = "src/docker-compose.yml"
WELL = COMPOSE.replace("8000/alive", "8000/ready").replace(
    "    ports:", "    environment:\n      MOTTO: carpe\n    ports:"
)
WRITTEN = (
    Answer(
        "",
        (
            write("src/web/Dockerfile", DOCKERFILE),
            write("src/web/server.py", SERVER),
            write(PLACE, WELL),
            write("src/.gitignore", ".env\n"),
            ("Bash", {"command": "id -u && ls src"}),
        ),
    ),
    Answer("Written.\nDecision: Python's own server | README.md:1"),
)


@contextmanager
def app(github: GitHub, key: str, data: Path, model: MessagesServer, **more: Any) -> Iterator[Server]:
    known: dict[str, Any] = {"written_by": "claude", "model_key": SecretStr("sk-ant-test"), "model_url": model.url}
    with serving(github, key, data, **{**known, **more}) as server:
        yield server


@pytest.mark.docker
@pytest.mark.timeout(300)
def test_a_run_and_its_revision_are_proved_on_real_containers(
    github: GitHub, key: str, tmp_path: Path, shop: Repository
) -> None:
    old, new = "MOTTO: carpe", "MOTTO: carpe diem"
    revision = (Answer("", (("Edit", {"file_path": PLACE, "old_string": old, "new_string": new}),)), answered)
    real = {"verification": "docker", "window": 2.0}
    with (
        messages_server(*WRITTEN, *revision) as model,
        app(github, key, tmp_path / "data", model, **real) as server,
    ):
        number = shop.issue("Add infrastructure", ASKS)
        assert server.done(shop.label(number), within=200) == "ready", shop.comments(number)
        assert "1000" in str(model.requests[1]["messages"][-1]), "its command ran in the sandbox, not as us"
        (pull,) = shop.pulls()
        assert not pull["draft"]
        (report,) = shop.comments(pull["number"])
        assert "Healthy: 1 of 1" in report
        review = shop.review(pull["number"], "", beside={PLACE: "A longer motto, please."})
        assert server.done(review, within=200) == "revised 1 of 1"
        head = shop.branches()[pull["head"]["ref"]]
        (report, *_) = shop.comments(pull["number"])
        assert f"head={head[:7]}" in report
        assert "Healthy: 1 of 1" in report
        assert re.search(r"\(revising\)", report), report
        assert [check["conclusion"] for check in shop.checks(head)] == ["success"]
        assert len(github.front.resolved) == 1


@pytest.mark.parametrize(
    ("model_says", "words"),
    [
        (Answer("I must not.", stop_reason="refusal"), "the model declined to continue"),
        (Trouble(404, "not_found_error", "no such model"), "is not known to the provider"),
        (Trouble(400, "invalid_request_error", "prompt is too long: 300000 tokens"), "window"),
    ],
)
def test_an_end_without_files_is_said_on_the_issue(
    github: GitHub,
    key: str,
    tmp_path: Path,
    shop: Repository,
    verifier: FakeVerifier,
    model_says: Answer | Trouble,
    words: str,
) -> None:
    more: dict[str, Any] = {"verifier": verifier, "sandbox_image": "not-there:1"}
    with messages_server(model_says) as model, app(github, key, tmp_path / "data", model, **more) as server:
        number = shop.issue("Add infrastructure", ASKS)
        server.done(shop.label(number))
        (comment,) = shop.comments(number)
    assert words in comment
    assert shop.pulls() == []
    assert verifier.asked == []


def test_a_label_taken_away_ends_a_run_while_the_model_thinks(
    github: GitHub, key: str, tmp_path: Path, shop: Repository, verifier: FakeVerifier
) -> None:
    asked, thought = threading.Event(), threading.Event()

    def thinks(request: dict[str, Any]) -> Answer:
        del request
        asked.set()
        thought.wait(30)
        return Answer("Too late.")

    more: dict[str, Any] = {"verifier": verifier, "sandbox_image": "not-there:1"}
    with messages_server(thinks) as model, app(github, key, tmp_path / "data", model, **more) as server:
        number = shop.issue("Add infrastructure", ASKS)
        assert server.deliver(shop.label(number)).status_code == 202
        assert asked.wait(30)
        begun = time.monotonic()
        assert server.done(shop.unlabel(number)).startswith("stopped run/")
        assert time.monotonic() - begun < 2
        thought.set()
        (comment,) = shop.comments(number)
    assert "topped" in comment
    assert len(model.requests) == 1
    assert shop.pulls() == []
