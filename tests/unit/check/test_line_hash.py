"""Fingerprints of lines are those that code scanning makes itself, and stay while lines move."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.check.forms.line_hash import LineHashes
from bot.parse.source import Source


def hashes(text: str) -> list[str]:
    lines = LineHashes(Source("x", text))
    found = []
    while told := lines.line(len(found) + 1):
        found.append(told)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "c129715d7a2bc9a3:1"),
        (" a\nb\n  \t\tc\n d", "271789c17abda88f:1 54703d4cd895b18:1 180aee12dab6264:1 a23a3dc5e078b07b:1"),
        (
            " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n",
            """e9496ae3ebfced30:1 fb7c023a8b9ccb3f:1 ce8ba1a563dcdaca:1 e20e36e16fcb0cc8:1
            b3edc88f2938467e:1 c8e28b0b4002a3a0:1 c129715d7a2bc9a3:1""",
        ),
        (
            "Lorem ipsum dolor sit amet.\n" * 10,
            """a7f2ff13bc495cf2:1 a7f2ff13bc495cf2:2 a7f2ff13bc495cf2:3 a7f2ff13bc495cf2:4 a7f2ff13bc495cf2:5
            a7f2ff13bc495cf2:6 a7f2ff1481e87703:1 a9cf91f7bbf1862b:1 55ec222b86bcae53:1 cc97dc7b1d7d8f7b:1
            c129715d7a2bc9a3:1""",
        ),
    ],
)
def test_hashes_are_those_that_code_scanning_makes(text: str, expected: str) -> None:
    """The values are published with GitHub's upload action."""
    assert hashes(text) == expected.split()


@given(st.lists(st.text("ab :\t😀", max_size=130), max_size=8), st.text("xyz\n", max_size=20))
def test_lines_above_do_not_change_a_hash(lines: list[str], above: str) -> None:
    text = "\n".join(lines)
    before, after = hashes(text), hashes(f"{above}\n{text}")
    assert [told.split(":")[0] for told in after][-len(before) :] == [told.split(":")[0] for told in before]


def test_a_file_that_is_too_long_has_none() -> None:
    assert LineHashes.of(Source("x", "a\n" * 1_500_000)) is None
    assert LineHashes.of(None) is None
