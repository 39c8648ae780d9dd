"""Diagrams are well-formed whatever services are called."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report.diagrams import health_graph, startup_gantt
from bot.report.mermaid import Names, label
from bot.report.stack_text import stack_graph
from tests.unit.report import proposals, reports
from tests.unit.report.reading import hostile

RESERVED = [
    "end",
    "END",
    "graph",
    "subgraph",
    "click",
    "class",
    "style",
    "default",
    "call",
    "href",
    "direction",
    "x",
    "o",
]
names = st.lists(
    st.one_of(hostile, st.sampled_from(RESERVED), st.from_regex(r"[a-zA-Z0-9._-]{1,12}", fullmatch=True)),
    min_size=2,
    max_size=8,
    unique=True,
)
IDENTITY = r"[A-Za-z][A-Za-z0-9_]*"
LABEL = r'"(?:[^"#<>`\[\]{}|;\\]|#\d+;)+"'
NODE = rf"{IDENTITY}(?:\[{LABEL}\]|\[\({LABEL}\)\]|\(\[{LABEL}\]\))?(?::::[a-z]+)?"
LINE = re.compile(rf"flowchart LR|  {NODE}|  {NODE} (?:-->|-\. [a-z]+ \.->) {NODE}|  classDef [a-z]+ [a-z0-9:#,\-. ]+")
GANTT = re.compile(
    r"gantt|  dateFormat  [Hms:.S]+|  axisFormat  [%HMS: s]+|  section [^\n:;#,`\"<>]+"
    r"|  [a-z ]+ :(?:done|crit|active), [\d:.]+, [\d.]+s"
)


@given(names)
def test_a_health_graph_has_only_well_formed_lines(found: list[str]) -> None:
    services = tuple(replace(reports.POSTGRES, name=name, needs=(found[0],)) for name in found)
    for line in health_graph(replace(reports.HEALTHY, services=services)).split("\n"):
        assert LINE.fullmatch(line), line
        assert not re.fullmatch(rf"  (?:{'|'.join(RESERVED)})(?::::\w+)?", line, re.IGNORECASE)


@given(names)
def test_a_stack_graph_has_only_well_formed_lines(found: list[str]) -> None:
    services = tuple(
        replace(service, name=name, needs=tuple(replace(need, service=found[0]) for need in service.needs))
        for name, service in zip(found, proposals.STACK.services, strict=False)
    )
    for line in stack_graph(replace(proposals.STACK, services=services)).split("\n"):
        assert LINE.fullmatch(line), line


@given(names)
def test_a_gantt_chart_has_only_well_formed_lines(found: list[str]) -> None:
    services = tuple(replace(reports.POSTGRES, name=name) for name in found)
    for line in startup_gantt(replace(reports.HEALTHY, services=services)).split("\n"):
        assert GANTT.fullmatch(line), line


@given(names)
def test_two_services_never_share_a_node(found: list[str]) -> None:
    table = Names(found)
    assert len({table[name] for name in found}) == len(found)


@pytest.mark.parametrize(
    ("seconds", "form", "start"),
    [(9.0, "ss.SSS", "00.200"), (61.0, "mm:ss.SSS", "00:00.200"), (4000.0, "HH:mm:ss.SSS", "00:00:00.200")],
)
def test_times_beyond_a_minute_get_a_clock_that_can_show_them(seconds: float, form: str, start: str) -> None:
    chart = startup_gantt(replace(reports.HEALTHY, services=(replace(reports.POSTGRES, healthy_at=seconds),)))
    assert f"dateFormat  {form}" in chart
    assert f":done, {start}, " in chart


def test_labels_keep_plain_names_and_code_the_rest() -> None:
    assert label("my-app_1") == '"my-app_1"'
    assert label('say "hi"; #1') == '"say #34;hi#34;#59; #35;1"'


def test_too_many_services_are_not_drawn() -> None:
    many = tuple(replace(reports.POSTGRES, name=f"s{number}") for number in range(41))
    assert health_graph(replace(reports.HEALTHY, services=many)) == ""
    assert startup_gantt(replace(reports.HEALTHY, services=many)) == ""
