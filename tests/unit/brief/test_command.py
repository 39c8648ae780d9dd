"""`groundwork brief`: the JSON that scripts depend on, and the text that people read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli.main import main

DOCUMENT = """# Shop

| Layer | Chosen | Rejected |
|---|---|---|
| Backend | Django 5 | FastAPI |
| Database | PostgreSQL | MySQL |

Runs with Docker Compose. Kafka comes in phase 3.
"""
KEYS = [
    "version",
    "orchestrator",
    "backend",
    "frontend",
    "databases",
    "caches",
    "queues",
    "proxy",
    "custom_domains",
    "external",
    "needs_infra",
    "open",
    "evidence",
]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "ARCHITECTURE.md"
    path.write_text(DOCUMENT)
    return path


def test_json_is_the_contract(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["brief", str(document), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert list(printed)[: len(KEYS)] == KEYS
    assert printed["version"] == 1
    assert (printed["orchestrator"], printed["backend"], printed["databases"]) == (
        "docker-compose",
        ["django"],
        ["postgresql"],
    )
    assert (printed["proxy"], printed["needs_infra"]) == (None, True)
    fastapi = next(fact for fact in printed["evidence"] if fact["value"] == "fastapi")
    assert (fastapi["path"], fastapi["line"], fastapi["rejected"]) == ("ARCHITECTURE.md", 5, True)


def test_text_names_places_and_what_is_not_built(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["brief", str(document.parent)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Shop: docker-compose")
    assert 'ARCHITECTURE.md:5 "Backend | Django 5 | FastAPI"' in printed
    later = next(line for line in printed.splitlines() if line.strip().startswith("kafka"))
    assert "later" in later


def test_an_issue_is_read_with_a_repository(document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    issue = tmp_path / "issue.txt"
    issue.write_text("Add RabbitMQ")
    assert main(["brief", str(document.parent), "--issue", str(issue), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["queues"] == ["rabbitmq"]


@pytest.mark.parametrize("arguments", [["none"], ["ARCHITECTURE.md", "--issue", "ARCHITECTURE.md"]])
def test_wrong_usage_is_2_with_words(document: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    paths = [word if word.startswith("--") else str(document.parent / word) for word in arguments]
    assert main(["brief", *paths]) == 2
    assert "try:" in capsys.readouterr().err
