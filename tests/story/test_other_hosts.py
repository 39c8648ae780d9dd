"""Projects that want no containers: the issue is answered with what they need instead, and nothing is written."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.cli.main import main
from tests.story.emulator.github import GitHub
from tests.story.server import Server

PROJECTS = {
    "lambda": "The API runs on AWS Lambda, deployed with the Serverless Framework. Data lives in DynamoDB.",
    "pm2": "Express API, run by PM2 on one VPS. PostgreSQL on the same machine. nginx in front. No Docker.",
    "windows": "A FastAPI service installed as a Windows service with NSSM on the customer's server. SQLite.",
    "kamal": "Django app deployed with Kamal to two servers. PostgreSQL 16 as an accessory.",
}


@pytest.mark.parametrize("name", PROJECTS)
def test_the_issue_is_answered_with_what_the_host_needs(
    github: GitHub, server: Server, snapshot: SnapshotAssertion, name: str
) -> None:
    project = github.repository(name, {"docs/ARCHITECTURE.md": f"# Deployment\n\n{PROJECTS[name]}\n"})
    number = project.issue("Infrastructure", "Add the infrastructure that the documents ask for.")
    assert server.done(project.label(number)) == "nothing", project.comments(number)
    (comment,) = project.comments(number)
    assert comment == snapshot
    assert (project.pulls(), set(project.branches())) == ([], {"main"})


def test_on_the_command_line_it_ends_with_3_and_says_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, issue = tmp_path / "project", tmp_path / "issue.md"
    project.mkdir()
    (project / "ARCHITECTURE.md").write_text(f"# Deployment\n\n{PROJECTS['pm2']}\n")
    issue.write_text("# Infrastructure\n\nAdd what the documents ask for.\n")
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for words in (("init", "-q", "-b", "main"), ("add", "."), (*identity, "commit", "-q", "-m", "Write it down")):
        subprocess.run(["git", *words], cwd=project, check=True)
    command = ["run", str(project), "--issue", str(issue), "--out", str(tmp_path / "out"), "--verify", "none"]
    assert main(command) == 3
    said = capsys.readouterr().err
    assert "nothing to do: The documents host it with PM2" in said
    assert "  instead: `pm2 start ecosystem.config.js`" in said
    assert main([*command, "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert (told["outcome"], len(told["instead"])) == ("nothing-to-do", 5)
