"""The start-up's geometry, in percent of the time shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report.timeline import timeline
from tests.unit.report import reports


def test_phases_follow_one_another() -> None:
    drawn = timeline(reports.HEALTHY)
    assert drawn is not None
    backend = next(line for line in drawn.lines if line.name == "backend")
    assert [bar.kind for bar in backend.bars] == ["waiting", "starting", "steady"]
    for before, after in zip(backend.bars, backend.bars[1:], strict=False):
        assert before.begin + before.width == pytest.approx(after.begin)


def test_a_one_shot_ends_and_a_blocked_service_has_no_bar() -> None:
    drawn = timeline(reports.UNHEALTHY)
    assert drawn is not None
    lines = {line.name: line for line in drawn.lines}
    assert [bar.kind for bar in lines["migrate"].bars] == ["waiting", "ran"]
    assert lines["migrate"].words == "exit 0, 3.4 s"
    assert lines["nginx"].bars == ()
    assert lines["nginx"].words == "never started"
    assert [bar.kind for bar in lines["backend"].bars] == ["waiting", "failed"]
    assert [tick.ok for tick in lines["backend"].probes] == [False, False, False]


def test_the_window_begins_when_the_last_service_is_ready() -> None:
    drawn = timeline(reports.HEALTHY)
    assert drawn is not None
    assert drawn.window is not None
    nginx = next(line for line in drawn.lines if line.name == "nginx")
    assert drawn.window.begin == pytest.approx(nginx.bars[1].begin + nginx.bars[1].width)


def test_nothing_started_is_nothing_to_draw() -> None:
    assert timeline(reports.REFUSED) is None
    assert timeline(reports.IMAGE_UNAVAILABLE) is None


def test_hundreds_of_services_are_counted_not_drawn() -> None:
    many = tuple(replace(reports.POSTGRES, name=f"s{number}") for number in range(250))
    drawn = timeline(replace(reports.HEALTHY, services=many))
    assert drawn is not None
    assert (len(drawn.lines), drawn.left_out) == (100, 150)


@given(st.floats(0, 100_000), st.floats(0, 100_000), st.floats(0, 600))
def test_everything_lies_within_the_picture(started: float, took: float, window: float) -> None:
    service = replace(
        reports.POSTGRES,
        created_at=0.0,
        started_at=started,
        healthy_at=started + took,
        probes=(reports.Probe(at=started, seconds=took, exit_code=0),),
    )
    drawn = timeline(replace(reports.HEALTHY, services=(service,), window=window))
    assert drawn is not None
    assert 1 <= len(drawn.axis) <= 9
    for bar in (*drawn.lines[0].bars, *([drawn.window] if drawn.window else [])):
        assert bar.begin >= 0
        assert bar.begin + bar.width <= 100
    for tick in (*drawn.axis, *drawn.lines[0].probes):
        assert 0 <= tick.at <= 100
