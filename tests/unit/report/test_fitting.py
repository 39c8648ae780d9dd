"""A text that is too long gives up its least important parts first, and says so."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.report.fitting import Part, fit, length


def note(names: object) -> str:
    return f"left out: {names}"


def test_what_fits_is_untouched() -> None:
    assert fit([Part(forms=("a",)), Part(forms=("b",), gap="\n")], limit=10, note=note) == "a\nb\n"


def test_the_highest_rank_goes_first_and_is_named() -> None:
    parts = [
        Part(forms=("verdict",)),
        Part(forms=("t" * 100, "t" * 50), name="table", rank=1),
        Part(forms=("l" * 100, "l" * 10, ""), name="log", rank=2),
    ]
    text = fit(parts, limit=150, note=note)
    assert "t" * 100 in text
    assert "l" * 11 not in text
    assert "left out: ['log']" in text


def test_emoji_count_as_github_counts_them() -> None:
    assert length("✅") == 1
    assert length("🧱") == 2


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 400)), max_size=8), st.integers(200, 1000))
def test_parts_that_may_go_always_fit(sizes: list[tuple[int, int]], limit: int) -> None:
    parts = [Part(forms=("x" * size, ""), name="n", rank=rank) for rank, size in sizes]
    assert length(fit(parts, limit=limit, note=lambda _: "shortened")) <= limit
