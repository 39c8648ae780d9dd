"""The server as a process: started from a `.env`, killed, started again, ended in order, and wrong settings named."""

from __future__ import annotations

import signal
import socket
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.story.conftest import ASKS
from tests.story.emulator.front import Call
from tests.story.emulator.github import APP_ID, SECRET, GitHub, Repository, free_port
from tests.story.served import deliver, started


@pytest.fixture
def env_file(github: GitHub, key: str, tmp_path: Path) -> Path:
    path = tmp_path / "settings.env"
    lines = {
        "APP_ID": APP_ID,
        "PRIVATE_KEY": '"' + key.replace("\n", "\\n") + '"',
        "WEBHOOK_SECRET": f'"{SECRET}"',
        "DATA": tmp_path / "data",
        "GITHUB_URL": github.url,
        "VERIFICATION": "none",
        "PORT": free_port(),
    }
    path.write_text("".join(f"GROUNDWORK_{name}={value}\n" for name, value in lines.items()), encoding="utf-8")
    path.chmod(0o600)
    return path


def test_a_label_becomes_a_pull_request_though_the_server_is_killed_in_the_middle(
    github: GitHub, shop: Repository, key: str, env_file: Path, tmp_path: Path
) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    label = shop.label(number)
    with started(tmp_path, env_file) as first:

        def kill_at_the_pull_request(call: Call) -> None:
            if call.method == "POST" and call.path.endswith("/pulls"):
                first.process.kill()

        github.front.on_call = kill_at_the_pull_request
        assert deliver(first.url, label).status_code == 202
        assert first.ended() == -signal.SIGKILL
    github.front.on_call = lambda _call: None
    with started(tmp_path, env_file) as second:
        url = second.url
        assert httpx.get(f"{url}/readyz", trust_env=False).text == "ready\n"
        assert deliver(url, label).status_code == 202  # GitHub delivers again what was not answered
        assert second.until("ended: ").endswith("ended: draft")
        assert second.ended(signal.SIGTERM) == 0
        said = "\n".join(line["message"] for line in second.log)
    assert len(shop.pulls()) == 1
    assert len(shop.comments(number)) == 1
    assert "duplicate" in said
    for secret in (SECRET, key.splitlines()[3], *github.front.grants):
        assert secret not in said


def test_ending_in_the_middle_of_a_run_is_quick_and_the_next_start_goes_on(
    github: GitHub, shop: Repository, env_file: Path, tmp_path: Path
) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    label = shop.label(number)
    with started(tmp_path, env_file) as first:

        def end_at_the_push(call: Call) -> None:
            if call.path.endswith("/pulls"):
                first.process.terminate()

        github.front.on_call = end_at_the_push
        assert deliver(first.url, label).status_code == 202
        assert first.ended() == 0
        assert first.log[-1]["message"] == "ended"
    github.front.on_call = lambda _call: None
    with started(tmp_path, env_file) as second:
        assert second.until("ended: ").endswith("ended: draft")
        assert second.ended(signal.SIGINT) == 0
    assert len(shop.pulls()) == 1


def test_a_label_that_came_while_nobody_listened_is_asked_for_again(
    github: GitHub, shop: Repository, env_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    label = shop.label(number)
    now = datetime.now(UTC).isoformat()
    taken = [entry(1000 + n, f"well-{n}", now, 200) for n in range(130)]
    monkeypatch.setattr(github.front, "hook_deliveries", [*taken, entry(7, "lost", now, 502)])
    with started(tmp_path, env_file) as served:
        url = served.url
        assert served.until("deliver again").endswith(": 1")
        asked = [call.path for call in github.front.calls if call.path.endswith("/attempts")]
        assert asked == ["/app/hook/deliveries/7/attempts"]
        assert deliver(url, label).status_code == 202
        assert served.until("ended: ").endswith("ended: draft")
        assert served.ended(signal.SIGTERM) == 0


def entry(number: int, guid: str, at: str, code: int) -> dict[str, object]:
    return {
        "id": number,
        "guid": guid,
        "delivered_at": at,
        "redelivery": False,
        "duration": 0.1,
        "status": "x",
        "status_code": code,
        "event": "issues",
        "action": "labeled",
        "installation_id": 1,
        "repository_id": 1,
    }


def test_a_list_of_deliveries_that_cannot_be_read_is_told_and_the_server_goes_on(
    github: GitHub, env_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github.front, "hook_deliveries", [{"id": "?"}])
    with started(tmp_path, env_file) as served:
        url = served.url
        assert "not the list of deliveries" in served.until("which webhooks were lost")
        assert httpx.get(f"{url}/readyz", trust_env=False).text == "ready\n"


def test_everything_that_is_wrong_is_named_at_once_with_where_its_value_is(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (tmp_path / ".env").write_text(
            "GROUNDWORK_PRIVATE_KEY=word\n"
            "GROUNDWORK_WEBHOOK_SECRET=short\n"
            f"GROUNDWORK_DATA={tmp_path}/file\n"
            f"GROUNDWORK_PORT={port}\n"
            "GROUNDWORK_DATABASE_URL=postgresql://me:hunter22@127.0.0.1:1/x\n"
            "GROUNDWORK_ATTEMPTS=many\n",
            encoding="utf-8",
        )
        with started(tmp_path, tmp_path / ".env") as served:
            assert served.ended() == 2
            said = served.errors()
    assert "hunter22" not in said
    for name, words in {
        "APP_ID": "is missing. Its value: `App ID` at the top of your App's page",
        "PRIVATE_KEY": "is wrong: it is no PEM",
        "WEBHOOK_SECRET": "is wrong: it has 5 characters",
        "DATA": "cannot be written by user",
        "PORT": f"cannot be used: 127.0.0.1:{port}: address already in use",
        "DATABASE_URL": "cannot be used: 127.0.0.1:1 says: ",
        "ATTEMPTS": "is wrong: it should be a valid integer",
    }.items():
        assert f"  GROUNDWORK_{name} {words}" in said
    assert "groundwork doctor" in said


def test_a_key_of_another_app_is_told_before_anything_is_served(env_file: Path, tmp_path: Path) -> None:
    env_file.write_text(env_file.read_text(encoding="utf-8").replace(f"APP_ID={APP_ID}", "APP_ID=1"), encoding="utf-8")
    with started(tmp_path, env_file) as served:
        assert served.ended() == 2
        assert "App id and private key do not belong together" in served.errors()


def test_a_settings_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with started(tmp_path, tmp_path / "other.env") as served:
        assert served.ended() == 2
        assert f"There is no file {tmp_path}/other.env" in served.errors()
