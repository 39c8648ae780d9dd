"""Whether an issue asks to mend what is there: extending is not yet asking for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.brief.asks_mend import asks_to_mend
from bot.brief.read import read_brief
from bot.model.issue import Issue


@pytest.mark.parametrize(
    "text",
    [
        "Add Redis and fix the findings.",
        "Please mend what groundwork check finds.",
        "Clean up the docker-compose.yml while you are there.",
        "Fix all warnings of the rules",
        "Harden the stack.",
        "Make the compose file pass the checks.",
    ],
)
def test_it_is_asked_for(text: str) -> None:
    assert asks_to_mend(text)


@pytest.mark.parametrize(
    "text",
    [
        "Add Redis and a worker.",
        "The worker fixes orders at night.",
        "Do not fix the findings, only add Redis.",
        "Fix the login page.",
        "We already fixed the warnings; add Redis.",
    ],
)
def test_it_is_not(text: str) -> None:
    assert not asks_to_mend(text)


def test_only_what_people_see_of_an_issue_counts(tmp_path: Path) -> None:
    body = "Add Redis. <!-- fix the findings -->"
    assert not read_brief(tmp_path, Issue(title="Redis", body=body)).wants_mending
    assert read_brief(tmp_path, Issue(title="Redis", body="Add Redis, fix the findings.")).wants_mending
