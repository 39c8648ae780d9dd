"""Whether a front end is asked for, where the documents name none."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.brief.read import read_document


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("# Shop\n\nFastAPI, PostgreSQL. Staff see the orders on a dashboard.\n", True),
        ("# Memory\n\nFastAPI and PostgreSQL.\n\n**Out of scope**: UI, horizontal scaling.\n", False),
        ("# Rates\n\nFastAPI and PostgreSQL, API only. The documentation has many pages.\n", False),
        ("# Rates\n\nFastAPI and PostgreSQL. There is no web UI.\n", False),
        ("# Trees\n\nA React Native app. FastAPI and PostgreSQL behind it. The dashboard shows own scans.\n", False),
        ("# Trees\n\nA React Native app. FastAPI and PostgreSQL behind it. Staff use an admin panel.\n", True),
        ("# Shop\n\n- Backend: Express\n- Frontend: plain HTML / CSS / JavaScript\n- Database: PostgreSQL\n", False),
        ("# Shop\n\nGo and PostgreSQL; the dashboard is server-rendered HTML with HTMX.\n", False),
        ("# Shop\n\nFastAPI, PostgreSQL. Staff use a dashboard. Prompts are Jinja2 templates.\n", True),
        ("# Shop\n\nFastAPI, PostgreSQL. Staff use a dashboard, not plain HTML.\n", True),
        ("# Drift\n\nFastAPI and PostgreSQL.\n\n- Avoid UI-heavy work\n- Easy mocking by an interface\n", False),
        ("# Shop\n\nFastAPI, PostgreSQL.\n\n## Later\n\n- a portal for suppliers\n", False),
    ],
)
def test_a_front_end_is_asked_for_only_where_people_look_at_one(tmp_path: Path, text: str, asked: bool) -> None:
    document = tmp_path / "IDEA.md"
    document.write_text(text)
    brief = read_document(document)
    assert any(point.topic == "frontend" for point in brief.open) is asked
