"""When a part of a skill exists."""

from __future__ import annotations

import pytest

from bot.blueprint.condition import holds

NAMES = {"database": "mysql", "cache": "", "proxy": "nginx"}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("", True),
        ("database", True),
        ("cache", False),
        ("!cache", True),
        ("database=postgresql", False),
        ("database=postgresql,mysql", True),
        ("!database=mysql", False),
        ("database and proxy", True),
        ("database and cache", False),
        ("database=mysql and !cache and proxy=nginx", True),
    ],
)
def test_a_condition_asks_what_was_chosen(condition: str, *, expected: bool) -> None:
    assert holds(condition, NAMES) is expected


def test_a_condition_about_an_unknown_part_is_an_error_and_not_false() -> None:
    with pytest.raises(KeyError):
        holds("databse", NAMES)
