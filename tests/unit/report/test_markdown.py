"""Untrusted text stays inside of the piece of Markdown that was made for it."""

from __future__ import annotations

import pytest
from hypothesis import given

from bot.report import markdown, plain
from tests.unit.report.reading import assert_contained, hostile, read


def shown(source: str) -> str:
    """What a reader sees of a line of Markdown, white space aside."""
    inline = read(source).inline
    words = "".join(token.content for token in inline if token.type in {"text", "text_special", "code_inline"})
    return words.replace("\u200b", "")


@given(hostile)
def test_literal_text_is_dead_and_reads_as_given(words: str) -> None:
    drawn = markdown.opening(markdown.text(words))
    assert_contained(drawn, headings=0)
    assert "".join(shown(drawn).split()) == "".join(plain.line(words).split())


@given(hostile)
def test_code_holds_any_words_also_in_a_cell(words: str) -> None:
    drawn = markdown.table(("a", "b"), ("---", "---"), [(markdown.code(words), "end")])
    assert_contained(drawn, headings=0)
    cells = [token for token in read(drawn).tokens if token.type == "td_open"]
    assert len(cells) == 2


@given(hostile)
def test_prose_holds_any_words_also_in_a_cell(words: str) -> None:
    drawn = markdown.table(("a", "b"), ("---", "---"), [(markdown.prose(words), "end")])
    assert_contained(drawn, headings=0)
    assert read(drawn).tokens[-4].type == "td_close" or "end" in drawn


@given(hostile)
def test_a_fence_is_closed_by_us_alone(words: str) -> None:
    tokens = read(f"{markdown.fence(words)}\n\nafter").tokens
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert tokens[0].content == f"{plain.lines(words)}\n"


@given(hostile)
def test_folded_content_ends_where_we_end_it(words: str) -> None:
    drawn = markdown.details(f"Log of {markdown.html_code(words)}", markdown.fence(words))
    assert_contained(drawn, headings=0)


@pytest.mark.parametrize(
    ("words", "drawn"),
    [
        ("see `a_b` and a_b", "see `a_b` and a_b"),
        ("2 * 3 * 4", "2 \\* 3 \\* 4"),
        ("engine 26.1.5", "engine 26.1.5"),
        ("cc @octocat, closes #12", "cc @&#8203;octocat, closes #&#8203;12"),
        ("`x|y`", "<code>x&#124;y</code>"),
        ("an odd ` mark", "an odd \\` mark"),
    ],
)
def test_ordinary_sentences_stay_readable_in_the_source(words: str, drawn: str) -> None:
    assert markdown.prose(words) == drawn


@pytest.mark.parametrize("words", ["- x", "+ x", "1. x", "12) x", "# x", "=== x"])
def test_a_line_that_begins_with_words_begins_no_block(words: str) -> None:
    assert read(markdown.opening(markdown.prose(words))).tokens[0].type == "paragraph_open"
