"""Services in layers: nothing overlaps, every line goes down."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.report.graph_layout import layout

NAMES = [f"s{number}" for number in range(9)]
graphs = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=5), min_size=1, max_size=9)


def test_a_chain_goes_down_and_two_of_a_kind_stand_side_by_side() -> None:
    drawn = layout({"web": ["db", "cache"], "db": [], "cache": []}, dict.fromkeys(["web", "db", "cache"], 100.0))
    boxes = {box.name: box for box in drawn.boxes}
    assert boxes["db"].y == boxes["cache"].y > boxes["web"].y
    assert {(edge.source, edge.target) for edge in drawn.edges} == {("web", "db"), ("web", "cache")}


def test_a_line_that_skips_a_layer_passes_beside_the_boxes() -> None:
    needs = {"a": ["b", "c"], "b": ["c"], "c": []}
    drawn = layout(needs, dict.fromkeys(needs, 100.0))
    boxes = {box.name: box for box in drawn.boxes}
    long = next(edge for edge in drawn.edges if (edge.source, edge.target) == ("a", "c"))
    middle = boxes["b"].y + boxes["b"].height / 2
    passing = [float(x) for x, y in re.findall(r"([\d.]+) ([\d.]+)V", long.path) if float(y) <= middle]
    assert passing
    assert all(not boxes["b"].x <= x <= boxes["b"].x + boxes["b"].width for x in passing)


def test_what_nobody_waits_for_stands_close_to_what_it_waits_for() -> None:
    needs = {"web": ["api"], "api": ["db"], "db": [], "worker": ["db"], "alone": []}
    boxes = {box.name: box for box in layout(needs, dict.fromkeys(needs, 100.0)).boxes}
    assert boxes["worker"].y == boxes["api"].y
    assert boxes["alone"].y == boxes["db"].y


@given(graphs, st.integers(60, 300))
def test_boxes_never_overlap_and_stay_inside(needs: dict[str, list[str]], width: int) -> None:
    drawn = layout(needs, dict.fromkeys(needs, float(width)))
    assert {box.name for box in drawn.boxes} == set(needs)
    for box in drawn.boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= drawn.width
        assert box.y + box.height <= drawn.height
    for one in drawn.boxes:
        for other in drawn.boxes:
            if one.name < other.name and one.y == other.y:
                assert one.x + one.width <= other.x or other.x + other.width <= one.x


@given(graphs)
def test_every_need_that_closes_no_cycle_is_drawn_downwards(needs: dict[str, list[str]]) -> None:
    drawn = layout(needs, dict.fromkeys(needs, 100.0))
    boxes = {box.name: box for box in drawn.boxes}
    for edge in drawn.edges:
        assert boxes[edge.source].y < boxes[edge.target].y
        assert edge.target in needs[edge.source]
