"""From `app.yml` to a `.env` that the server starts with: the command, a person's browser, and GitHub between them."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import httpx
import yaml

from bot.settings.reading import load
from tests.story.emulator.github import GitHub

ROOT = Path(__file__).parents[2]


class Command:
    """The command as a person starts it, and what it says."""

    def __init__(self, folder: Path, *words: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GROUNDWORK_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "setup", "--port", "0", *words],
            cwd=folder,
            env={**clean, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = ""

    @property
    def page(self) -> str:
        assert self.process.stdout is not None
        self.said += self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", self.said)
        assert found, self.ended()
        return found[0]

    def ended(self) -> tuple[int, str]:
        out, err = self.process.communicate(timeout=30)
        self.said += out + err
        return self.process.returncode, self.said


@contextmanager
def setup(folder: Path, *words: str) -> Iterator[Command]:
    command = Command(folder, *words)
    try:
        yield command
    finally:
        if command.process.poll() is None:
            command.process.kill()
            command.process.communicate()
        for pipe in (command.process.stdout, command.process.stderr):
            if pipe is not None:
                pipe.close()


def browser() -> httpx.Client:
    return httpx.Client(trust_env=False, timeout=20)


def pressed(person: httpx.Client, page: str) -> httpx.Response:
    """Open the page, press its button, confirm on GitHub, and come back."""
    html = person.get(page).text
    action = re.search(r'action="([^"]+)"', html)
    manifest = re.search(r'name="manifest" value="([^"]+)"', html)
    assert action
    assert manifest
    answer = person.post(unescape(action[1]), data={"manifest": unescape(manifest[1])})
    assert answer.status_code == 302, answer.text
    return person.get(answer.headers["location"])


def test_an_app_is_registered_and_its_settings_are_written_for_the_owner_alone(
    github: GitHub, key: str, tmp_path: Path
) -> None:
    github.front.registration.key = key
    env = tmp_path / ".env"
    env.write_text("# ours\nDATABASE=kept\nGROUNDWORK_PORT=8123\n", encoding="utf-8")
    words = ["--server", "https://bot.example/", "--github-url", github.url, "--organisation", "acme"]
    with setup(tmp_path, *words, "--name", "Acme builds") as command, browser() as person:
        page = command.page
        back = pressed(person, page)
        assert "https://github.test/apps/acme-builds/installations/new" in back.text
        status, said = command.ended()
    assert status == 0
    assert "https://github.test/apps/acme-builds/installations/new" in said
    owner, manifest = github.front.registration.made[-1]
    asked = yaml.safe_load((ROOT / "app.yml").read_text(encoding="utf-8"))
    assert owner == "acme"
    assert manifest["default_permissions"] == asked["default_permissions"]
    assert manifest["default_events"] == asked["default_events"]
    assert manifest["hook_attributes"]["url"] == "https://bot.example/webhooks/github"
    settings = load(env)
    assert (settings.app_id, settings.key(), settings.secrets()) == (9_001, key, (github.front.registration.secret,))
    assert (settings.github_url, settings.public_url, settings.port) == (github.url, "https://bot.example", 8123)
    assert env.read_text(encoding="utf-8").startswith("# ours\nDATABASE=kept\n")
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    for secret in (github.front.registration.secret, key.splitlines()[2], "of no use to us"):
        assert secret not in said + back.text


def test_only_the_answer_to_the_own_form_is_taken(github: GitHub, tmp_path: Path) -> None:
    with (
        setup(tmp_path, "--server", "https://bot.example", "--github-url", github.url) as command,
        browser() as person,
    ):
        page = command.page
        forged = person.get(f"{page}/created", params={"code": "c0ffee", "state": "guess"})
        assert forged.status_code == 400
        assert person.get(page, headers={"host": "evil.example"}).status_code == 400
        state = re.search(r"state=([\w-]+)", person.get(page).text)
        assert state
        used = person.get(f"{page}/created", params={"code": "used", "state": state[1]})
        assert used.status_code == 502
        assert "good once, for an hour" in used.text
        command.process.send_signal(signal.SIGINT)
        assert command.ended()[0] == 130
    assert (tmp_path / ".env").read_text(encoding="utf-8") == ""


def test_an_app_that_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GROUNDWORK_APP_ID=1\n", encoding="utf-8")
    with setup(tmp_path, "--server", "https://bot.example") as command:
        assert command.ended()[0] == 2
        assert "already names an App" in command.said
    with setup(tmp_path, "--server", "http://bot.example", "--env-file", "other") as command:
        assert command.ended()[0] == 2
        assert "--server 'http://bot.example' has to be an address that starts with https://" in command.said
