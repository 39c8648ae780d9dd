"""Hosts without containers: what is said, and what such a project is told to do instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.brief.elsewhere import Elsewhere, elsewhere
from bot.brief.read import read_brief
from bot.model.brief import Brief

DOCUMENTS = {
    "pm2": "Express API, run by PM2 on one VPS. PostgreSQL on the same machine. nginx in front. No Docker.",
    "windows service": "A FastAPI service installed as a Windows service with NSSM on the customer's server. SQLite.",
    "kamal": "Django app deployed with Kamal to two servers. PostgreSQL 16 as an accessory, Redis for caching.",
    "lambda": "The API runs on AWS Lambda behind API Gateway, deployed with the Serverless Framework. Data lives in DynamoDB.",
    "vercel": "Next.js on Vercel, Neon for PostgreSQL, Upstash Redis. We do not use Docker.",
    "no docker": "Flask with PostgreSQL on a server of ours. We do not use Docker.",
    "tool": "A command-line tool in Python. Users pip install it. No server, no containers.",
}


def told(root: Path, document: str) -> Elsewhere | None:
    (root / "ARCHITECTURE.md").write_text(f"# Deployment\n\n{document}\n")
    return elsewhere(read_brief(root, None))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_said_of_it(tmp_path: Path, name: str, snapshot: SnapshotAssertion) -> None:
    said = told(tmp_path, DOCUMENTS[name])
    assert said is not None
    assert "\n".join([said.reason, *(f"- {one}" for one in said.instead)]) == snapshot


@pytest.mark.parametrize(
    "document",
    ["Express and PostgreSQL under Docker Compose.", "Django on Kubernetes.", "Express, run by systemd on one server."],
)
def test_what_can_be_built_is_not_sent_elsewhere(tmp_path: Path, document: str) -> None:
    assert told(tmp_path, document) is None


def test_a_project_that_names_nothing_gets_the_usual_stack() -> None:
    assert elsewhere(Brief()) is None
