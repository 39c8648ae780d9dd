"""The main job with a model: a scripted Messages server on the other side, real git and real containers on this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.agent.transcript import read_transcript
from tests.fakes.messages_server import Answer, MessagesServer, messages_server

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

DOCKERFILE = """FROM python:3.12-slim AS development
WORKDIR /app
COPY server.py .
USER 1000
CMD ["python", "server.py"]

FROM development AS production
"""
SERVER = """import os
from http.server import BaseHTTPRequestHandler, HTTPServer

MOTTO = os.environ["MOTTO"]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path in ("/", "/ready") else 404)
        self.end_headers()
        self.wfile.write(MOTTO.encode())


HTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
"""
COMPOSE = """services:
  web:
    build:
      context: ./web
      target: development
    ports:
      - "127.0.0.1:8000:8000"
    healthcheck:
      test: ["CMD", "python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/alive')"]
      interval: 1s
      timeout: 3s
      retries: 3
      start_period: 2s
    deploy:
      resources:
        limits:
          cpus: "0.5"
          memory: 128M
"""


def write(path: str, content: str) -> tuple[str, dict[str, Any]]:
    return "Write", {"file_path": path, "content": content}


def edit(old: str, new: str) -> tuple[str, dict[str, Any]]:
    return "Edit", {"file_path": "src/docker-compose.yml", "old_string": old, "new_string": new}


FIRST = (
    Answer("I look.", (("Read", {"file_path": "IDEA.md"}), ("Bash", {"command": "ls -A && id -u && env"}))),
    Answer(
        "",
        (
            write("src/web/Dockerfile", DOCKERFILE),
            write("src/web/server.py", SERVER),
            write("src/docker-compose.yml", COMPOSE),
            write("src/.gitignore", ".env\n"),
            ("Check", {}),
        ),
    ),
    Answer("All is written.\nDecision: Python's own server | IDEA.md:1\nConfirm: the motto"),
)
SECOND = (
    Answer("It lacks a variable.", (edit("    ports:", "    environment:\n      MOTTO: carpe diem\n    ports:"),)),
    Answer("Mended."),
)
THIRD = (
    Answer("It asks for a page that is not there.", (edit("8000/alive", "8000/ready"),)),
    Answer("Mended."),
)


@pytest.fixture
def motto(tmp_path: Path) -> Path:
    folder = tmp_path / "motto"
    folder.mkdir()
    (folder / "IDEA.md").write_text("# Motto\n\nA server in plain Python that tells a motto, in Docker Compose.\n")
    git = ["git", "-C", str(folder), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Write down the idea"]):
        subprocess.run([*git, *words], check=True)
    return folder


def run(folder: Path, server: MessagesServer, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    issue = folder.parent / "issue.md"
    issue.write_text("# Run it\n\nWith Docker Compose, on port 8000.\n")
    known = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder.parent),
        "ANTHROPIC_API_KEY": "sk-ant-planted-key-0123456789",
        "GROUNDWORK_MODEL_URL": server.url,
    }
    command = [sys.executable, "-m", "bot", "run", str(folder), "--issue", str(issue), "--engine", "claude"]
    return subprocess.run(
        [*command, "--out", str(folder.parent / "out"), "--json", *words],
        env=known | environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def test_two_repairs_make_it_healthy(motto: Path) -> None:
    with messages_server(*FIRST, *SECOND, *THIRD) as server:
        ran = run(motto, server, "--window", "2")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    result = json.loads(ran.stdout)
    assert (result["outcome"], result["draft"]) == ("healthy", False)
    assert len(server.requests) == 7
    first, repaired, again = server.requests[0], server.requests[3], server.requests[5]
    assert "KeyError" in str(repaired["messages"][0])
    assert "404" in str(again["messages"][0])
    assert first["system"] == repaired["system"] == again["system"]
    assert {tool["name"] for tool in first["tools"]} >= {"Read", "Write", "Edit", "Grep", "Glob", "Bash", "Skill"}
    out = motto.parent / "out"
    talks = read_transcript((out / "model" / "transcript.jsonl").read_bytes())
    assert [len(talk.turns) for talk in talks] == [3, 2, 2]
    looked = talks[0].turns[0].results
    assert any("IDEA.md" in result.text and "1000" in result.text for result in looked.values())
    everything = "".join(path.read_text(errors="replace") for path in out.rglob("*") if path.is_file())
    assert "planted" not in everything
    assert "sk-ant" not in everything
    text = (out / "pull-request.md").read_text()
    assert "Python's own server" in text
    assert "the motto" in text
    assert "$0.0" in (out / "health-report.md").read_text()
    page = (out / "model" / "transcript.html").read_text()
    assert "It lacks a variable." in page


def test_the_budget_ends_it_with_a_draft_that_keeps_what_there_is(motto: Path) -> None:
    with messages_server(*FIRST, Answer("Never asked.")) as server:
        ran = run(motto, server, "--verify", "none", GROUNDWORK_MODEL_TURNS="2")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert len(server.requests) == 2
    log = ["git", "-C", str(motto), "ls-tree", "-r", "--name-only", json.loads(ran.stdout)["commit"]]
    assert "src/web/server.py" in subprocess.run(log, check=True, capture_output=True, text=True).stdout
    assert "the limit of 2 turns" in (motto.parent / "out" / "pull-request.md").read_text()


def test_without_a_key_it_is_said_before_anything_is_done(motto: Path) -> None:
    with messages_server(Answer("Never asked.")) as server:
        ran = run(motto, server, ANTHROPIC_API_KEY="")
    assert ran.returncode == 2
    assert "The claude engine needs a model key" in ran.stderr
    assert "ANTHROPIC_API_KEY" in ran.stderr
    assert server.requests == []
    branches = subprocess.run(["git", "-C", str(motto), "branch"], check=True, capture_output=True, text=True).stdout
    assert branches.split() == ["*", "main"]
