"""Untrusted text becomes visible, on one line or in its lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report import plain
from tests.unit.report.reading import hostile


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m alert", "red alert"),
        ("\x1b]8;;https://evil.example\x07here\x1b]8;;\x07", "here"),
        ("\x1b]0;title\x1b\\after", "after"),
        ("a\u202eb", "a\\u202eb"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("bell\x07", "bell\\x07"),
        ("a\tb\n  c", "a b c"),
        ("no\u00a0break", "no break"),
        ("lone \ud800", "lone \\ud800"),
        ("hangul\u3164filler", "hangul\\u3164filler"),
        ("naïve 日本 ✅", "naïve 日本 ✅"),
    ],
)
def test_what_cannot_be_seen_is_shown_or_removed(given_text: str, shown: str) -> None:
    assert plain.line(given_text) == shown


def test_progress_bars_and_windows_line_breaks_become_lines() -> None:
    assert plain.lines("10%\r20%\r\ndone\n") == "10%\n20%\ndone\n"


def test_a_cut_is_marked_and_within_the_limit() -> None:
    assert plain.line("abcdef", limit=4) == "abc…"
    assert plain.line("abcd", limit=4) == "abcd"


@given(st.one_of(hostile, st.text()))
def test_a_line_is_printable_and_one_line(text: str) -> None:
    assert plain.line(text).isprintable()


@given(st.one_of(hostile, st.text()))
def test_lines_hold_nothing_but_printable_text_breaks_and_tabs(text: str) -> None:
    assert plain.lines(text).replace("\n", "").replace("\t", "").isprintable()


@given(hostile)
def test_showing_twice_changes_nothing_more(text: str) -> None:
    assert plain.line(plain.line(text)) == plain.line(text)


@pytest.mark.parametrize(
    ("sentence", "clause"),
    [
        ("Nothing was started.", "nothing was started"),
        ("PostgreSQL is missing.", "PostgreSQL is missing"),
        ("`redis` has no check.", "`redis` has no check"),
        ("TLS: no DNS here", "TLS: no DNS here"),
    ],
)
def test_a_sentence_becomes_a_clause(sentence: str, clause: str) -> None:
    assert plain.clause(sentence) == clause
