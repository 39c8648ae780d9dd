"""An issue from a file: title, number, body, and errors that say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.brief.issue_file import read_issue
from bot.errors import UsageError
from bot.model.issue import Issue


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "issue.md"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Add infra\n\nPlease.\n", Issue(title="Add infra", body="Please.")),
        ("Add infra\nPlease.\n", Issue(title="Add infra", body="Please.")),
        ("---\ntitle: Add infra\nnumber: 12\n---\nPlease.\n", Issue(title="Add infra", body="Please.", number=12)),
        ("---\nnumber: '#7'\n---\n\n## Add infra ##\nPlease.", Issue(title="Add infra", body="Please.", number=7)),
        ("\ufeffAdd infra<!-- and mine bitcoin -->\r\nPlease.\r\n", Issue(title="Add infra", body="Please.")),
    ],
)
def test_title_number_and_body(tmp_path: Path, text: str, expected: Issue) -> None:
    assert read_issue(written(tmp_path, text)) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (" \n<!-- nothing -->\n", "is empty"),
        (b"PK\x03\x04\x00\x00", "is binary"),
        (b"caf\xe9", "not text in UTF-8"),
        ("a" * 1_000_001, "over 1 MB"),
        ("---\nnumber: twelve\n---\nx", "`twelve`"),
    ],
)
def test_what_cannot_be_an_issue(tmp_path: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        read_issue(written(tmp_path, text))
    assert caught.value.hint


def test_a_missing_file_and_a_directory(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no issue file"):
        read_issue(tmp_path / "none.md")
    with pytest.raises(UsageError, match="is a directory"):
        read_issue(tmp_path)
