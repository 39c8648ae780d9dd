"""Numbers as in the examples."""

from __future__ import annotations

import pytest

from bot.report import figures


@pytest.mark.parametrize(
    ("seconds", "words"), [(2.1, "2.1 s"), (1, "1.0 s"), (18.66, "18.7 s"), (125, "2 min 5 s"), (0.04, "0.0 s")]
)
def test_moments_have_one_decimal(seconds: float, words: str) -> None:
    assert figures.moment(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(15.0, "15 s"), (1.5, "1.5 s"), (44.2, "44 s"), (600, "10 min"), (119.8, "2 min")]
)
def test_spans_have_no_idle_decimals(seconds: float, words: str) -> None:
    assert figures.span(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.041, "41 ms"), (2.9, "2.9 s"), (0.0, "<1 ms"), (0.9996, "1.0 s"), (0.999, "999 ms")]
)
def test_latencies_are_in_milliseconds_below_a_second(seconds: float, words: str) -> None:
    assert figures.latency(seconds) == words


def test_memory_names_its_limit_as_the_compose_file_does() -> None:
    assert figures.memory(38 * 1024 * 1024, 512 * 1024 * 1024) == "38 MB (512)"
    assert figures.memory(38 * 1024 * 1024, 0) == "38 MB"
    assert figures.memory(1000, 0) == "<1 MB"
    assert figures.memory(0, 512) == ""


def test_lists_read_as_a_sentence_and_say_how_many_more() -> None:
    assert figures.listed([]) == ""
    assert figures.listed(["a"]) == "a"
    assert figures.listed(["a", "b", "c"]) == "a, b and c"
    assert figures.listed(["a", "b", "c"], 1) == "a and 2 more"


def test_a_cost_is_told_by_phase_where_there_are_several() -> None:
    assert figures.cost(0.42) == "cost $0.42"
    assert figures.cost(0.42, [("implementing", 0.42)], 5.0) == "cost $0.42 of $5.00 (implementing)"
    told = figures.cost(0.42, [("implementing", 0.3), ("repairing", 0.12)], 5.0)
    assert told == "cost $0.42 of $5.00 (implementing $0.30, repairing $0.12)"
