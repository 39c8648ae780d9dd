"""Whether a database is assumed, where the documents name none."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.brief.read import read_document


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("# Rates\n\nFastAPI, API only.\n", True),
        ("# Rates\n\nFastAPI, API only. There is no database.\n", False),
        ("# Posts\n\nSpring Boot with Thymeleaf.\n\n- `PostRepository`: in-memory repository\n", False),
        ("# 명세서\n\nSpring Boot.\n\n- `PostRepository`: 인메모리 데이터 저장소\n", False),
        ("# Proxy\n\nA stateless gateway in Go.\n", False),
        ("# Notes\n\nFlask; entries are saved as JSON files.\n", False),
        ("# Rates\n\nFastAPI, API only. Unit tests use in-memory repositories.\n", True),
        ("# Rates\n\nFastAPI, API only. The cache makes no database calls.\n", True),
        ("# Rates\n\nFastAPI, API only. No database is chosen yet.\n", True),
    ],
)
def test_a_database_is_assumed_unless_nothing_is_stored(tmp_path: Path, text: str, asked: bool) -> None:
    document = tmp_path / "IDEA.md"
    document.write_text(text)
    brief = read_document(document)
    assert not brief.databases
    assert any(point.topic == "database" for point in brief.open) is asked
