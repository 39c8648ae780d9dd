"""A recorded webhook is sent as it is, signed, and each answer is put in words."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from bot.cli.deliver import meaning
from bot.cli.main import main
from bot.cli.request import Answer
from bot.job.kinds import Context, Job
from bot.web.app import WebApp
from bot.web.inbox import Accepted
from bot.web.intake import Intake

SECRET = "a secret of the webhook"
LABELED = {
    "action": "labeled",
    "issue": {"number": 7, "title": "Läuft"},
    "label": {"name": "infra"},
    "repository": {"id": 2, "full_name": "o/shop"},
    "installation": {"id": 3},
    "sender": {"id": 1, "login": "mona"},
}


class FakeInbox:
    def __init__(self) -> None:
        self.jobs: list[Job] = []

    async def accept(self, job: Job) -> Accepted:
        self.jobs.append(job)
        return "stored"

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def settled(self) -> None: ...

    async def unready(self) -> str:
        return ""


@pytest.fixture
def inbox() -> FakeInbox:
    return FakeInbox()


@pytest.fixture
def url(inbox: FakeInbox) -> Iterator[str]:
    app = WebApp(Intake(secrets=[SECRET], context=Context(app_id=42, bot="groundwork[bot]")), inbox)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        running = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        running.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GROUNDWORK_WEBHOOK_SECRET", SECRET)


@pytest.fixture
def recorded(tmp_path: Path) -> str:
    path = tmp_path / "labeled.json"
    path.write_text(json.dumps(LABELED, indent=2, ensure_ascii=False), encoding="utf-8")
    return str(path)


def test_a_recorded_label_is_accepted(
    url: str, inbox: FakeInbox, recorded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deliver", recorded, "--event", "issues", "--url", url, "--delivery", "d-9"]) == 0
    assert capsys.readouterr().out.startswith("202 accepted: job start/2/7/d-9 is stored")
    assert inbox.jobs[0].issue is not None
    assert inbox.jobs[0].issue.title == "Läuft"


def test_what_asks_for_nothing_says_why(url: str, recorded: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deliver", recorded, "--event", "star", "--url", url]) == 3
    assert capsys.readouterr().out == "200 nothing to do: `star` events are not read\n"


def test_another_secret_is_told(
    url: str, recorded: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER", "quite another secret")
    assert main(["deliver", recorded, "--event", "issues", "--url", url, "--secret-from-env", "OTHER"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("401 refused: the server knows another secret. It says: The signature does not match.")
    assert "quite another" not in said


def test_nobody_there_is_told(recorded: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deliver", recorded, "--event", "issues", "--url", "http://127.0.0.1:1"]) == 1
    assert "127.0.0.1:1 does not answer: connection refused." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing.json", "--event", "issues"], "nothing.json cannot be read"),
        (["{recorded}", "--event", "issues", "--secret-from-env", "UNSET"], "no webhook secret in UNSET"),
        (["{recorded}", "--event", "issues", "--url", "somewhere"], "'somewhere/webhooks/github' is no address"),
        (["/dev/null", "--event", "issues"], "/dev/null holds no payload"),
    ],
)
def test_wrong_use_is_told(words: list[str], said: str, recorded: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deliver", *(word.format(recorded=recorded) for word in words)]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "no such event"),
        (404, "no Groundwork"),
        (413, "larger"),
        (415, "something else"),
        (503, "deliver it again"),
        (502, "something else answers"),
    ],
)
def test_each_answer_has_a_meaning(status: int, words: str) -> None:
    exit_status, said = meaning(Answer(status, "<html>"))
    assert exit_status == 1
    assert said.startswith(f"{status} refused: ")
    assert words in said
