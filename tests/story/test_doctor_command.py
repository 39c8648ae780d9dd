"""The doctor looks at a real set-up: well, and with one thing after another put wrong."""

from __future__ import annotations

import asyncio
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from bot.cli.main import main
from bot.forge.github.access import AppKey, GitHubApp
from bot.forge.github.app_view import AppView
from tests.story.emulator.front import Fault
from tests.story.emulator.github import APP_ID, SECRET, GitHub, free_port
from tests.story.served import started

PUBLIC = "https://bot.example"


@pytest.fixture
def values(github: GitHub, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(tmp_path)
    hook = {"url": f"{PUBLIC}/webhooks/github", "content_type": "json", "secret": "********", "insecure_ssl": "0"}
    monkeypatch.setattr(github.front, "hook_config", hook)
    monkeypatch.setattr(github.front, "hook_deliveries", [])
    return {
        "APP_ID": APP_ID,
        "PRIVATE_KEY": '"' + key.replace("\n", "\\n") + '"',
        "WEBHOOK_SECRET": f'"{SECRET}"',
        "GITHUB_URL": github.url,
        "VERIFICATION": "none",
        "PORT": free_port(),
    }


def written(values: dict[str, Any], *lines: str) -> Path:
    path = Path(".env")
    text = "".join(f"GROUNDWORK_{name}={value}\n" for name, value in values.items())
    path.write_text(text + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    path.chmod(0o600)
    return path


def looked_over(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, str]]]:
    status = main(["doctor", "--json"])
    out = capsys.readouterr().out
    assert SECRET not in out
    return status, {check["name"]: check for check in json.loads(out)["checks"]}


def test_a_good_set_up_has_nothing_wrong_and_a_server_that_is_ready(
    values: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    env = written(values)
    status, checks = looked_over(capsys)
    assert status == 0, checks
    assert checks["server"]["state"] == "unknown"
    assert {name for name, check in checks.items() if check["state"] == "ok"} >= {
        *("settings", "private key", "data folder", "database", "git"),
        *("clock", "App", "permissions", "events", "on acme", "webhook"),
    }
    with started(Path.cwd(), env.absolute()) as served:
        assert served.url.endswith(str(values["PORT"]))
        assert looked_over(capsys)[1]["server"]["state"] == "ok"


def test_a_person_reads_a_table_with_the_mend_below(values: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    written({**values, "WEBHOOK_SECRET": "short"}, "GROUNDWORK_PRIVATE_KEY_FIEL=x").chmod(0o644)
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"^WRONG    settings +GROUNDWORK_WEBHOOK_SECRET is wrong: it has 5 characters", out, re.MULTILINE)
    assert re.search(r"^ +-> its value: `Webhook secret` on your App's page.*openssl", out, re.MULTILINE)
    assert "-> chmod 600 .env" in out
    assert "-> did you mean GROUNDWORK_PRIVATE_KEY_FILE?" in out
    assert re.search(r"^ok       App +Groundwork \(groundwork\[bot\]\)$", out, re.MULTILINE)
    assert out.endswith("\n1 to mend.\n")


@pytest.mark.parametrize(
    ("wrong", "name", "said", "mend"),
    [
        ({"PRIVATE_KEY": "word"}, "private key", "it is no PEM", "`Private keys` on your App's page"),
        ({"APP_ID": 1}, "App", "App id and private key do not belong together", "`App ID`"),
        ({"GITHUB_URL": "http://127.0.0.1:1"}, "GitHub", "it does not answer", "GROUNDWORK_GITHUB_URL"),
        ({"PUBLIC_URL": "http://127.0.0.1:1"}, "webhook", "it goes to https://bot.example", "`Webhook URL`: http://"),
        ({"DATA": "/proc/nothing"}, "data folder", "cannot be written", "a folder that this process may write"),
        ({"DATABASE_URL": "postgresql://me@127.0.0.1:1/x"}, "database", "cannot be used: 127.0.0.1:1", "postgresql://"),
    ],
)
def test_what_is_wrong_is_found(
    wrong: dict[str, Any], name: str, said: str, mend: str, values: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    written({**values, **wrong})
    status, checks = looked_over(capsys)
    assert status == 1
    assert checks[name]["state"] == "wrong"
    assert said in checks[name]["said"]
    assert mend in checks[name]["mend"]


@pytest.mark.parametrize(
    ("status", "words", "said"),
    [
        (401, "A JSON web token could not be decoded", "do not belong together"),
        (404, "Integration not found", "GitHub knows no App with this id."),
        (401, "'Expiration time' claim ('exp') is too far in the future", "clock"),
        (401, "Integration must generate a public key", "no private key any more"),
    ],
)
def test_what_github_refuses_the_credentials_for_is_said(
    status: int, words: str, said: str, github: GitHub, values: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    written(values)
    github.front.faults.append(Fault("GET", re.compile(r"^/app$"), status, {"message": words}))
    assert looked_over(capsys)[0] == 1
    github.front.faults.clear()
    github.front.faults.append(Fault("GET", re.compile(r"^/app$"), status, {"message": words}))
    assert main(["doctor"]) == 1
    assert said in capsys.readouterr().out


def test_deliveries_that_failed_are_told(
    github: GitHub, values: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    written(values)
    failed = {"id": 1, "event": "issues", "action": "labeled", "delivered_at": "2026-01-01T00:00:00Z"}
    github.front.hook_deliveries.append({**failed, "status_code": 502, "status": "failed to connect"})
    status, checks = looked_over(capsys)
    assert status == 1
    assert "the proxy does not reach the server" in checks["deliveries"]["mend"]


def test_the_action_that_workflows_name_is_looked_for(
    github: GitHub, values: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    copy = github.repository("copy-of-groundwork", {"deploy/actions/verify/action.yml": "name: Verify\n"})
    del values["VERIFICATION"]
    at = f"{copy.name}/deploy/actions/verify@{copy.branches()['main']}"
    written({**values, "VERIFY_ACTION": at})
    status, checks = looked_over(capsys)
    assert (status, checks["action"]["state"]) == (0, "ok")
    for wrong in (at.replace("verify@", "verified@"), at.replace("copy-of", "no-copy-of"), f"nobody/x/y@{'0' * 40}"):
        written({**values, "VERIFY_ACTION": wrong})
        checks = looked_over(capsys)[1]
        assert checks["action"]["state"] == "warning"
        assert wrong in checks["action"]["said"]
        assert f"in {'/'.join(wrong.split('/')[:2])};" in checks["action"]["mend"]


def test_the_clock_is_compared_with_that_of_github(github: GitHub, key: str) -> None:
    app = GitHubApp(
        AppKey(app_id=APP_ID, private_key=key, api_url=github.url, web_url=github.url), now=lambda: time.time() + 90
    )
    assert 85 < asyncio.run(AppView(app).clock()) < 95
