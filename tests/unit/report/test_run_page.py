"""The page of a run: closed to what stands in it, and drawn to scale."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.run_view import RunView, StepView
from bot.report.run_page import run_page
from tests.unit.report import reports
from tests.unit.report.reading import hostile
from tests.unit.report.test_health_html import Page

BEGAN = 1_795_661_457.0
STEPS = (
    StepView(name="base", began=BEGAN, ended=BEGAN + 1),
    StepView(name="brief", began=BEGAN + 1, ended=BEGAN + 2),
    StepView(name="write", began=BEGAN + 2, ended=BEGAN + 4),
    StepView(name="commit-1", began=BEGAN + 4, ended=BEGAN + 5),
    StepView(name="verify-1", began=BEGAN + 5, ended=BEGAN + 95),
    StepView(name="describe", began=BEGAN + 95, ended=BEGAN + 96),
    StepView(name="propose", began=BEGAN + 96, ended=BEGAN + 100),
)
RUN = RunView(
    run_id="run/1/7/abc",
    repository="acme/shop",
    number=7,
    title="Add infrastructure",
    actor="mona",
    state="ended",
    outcome="ready",
    began=BEGAN,
    ended=BEGAN + 100,
    steps=STEPS,
    reports=(reports.HEALTHY,),
    where="https://github.com/acme/shop/pull/8",
)


def drawn(run: RunView, now: float = BEGAN + 100) -> str:
    return run_page(run, github="https://github.com", link="?key=k", now=now).html


def test_the_bars_are_to_scale() -> None:
    bars = re.findall(r'<rect class="(\w+)" x="([\d.]+)" y="0" width="([\d.]+)"', drawn(RUN))
    assert [(state, float(left), float(width)) for state, left, width in bars] == [
        ("fine", 0, 1),
        ("fine", 1, 1),
        ("fine", 2, 2),
        ("fine", 4, 1),
        ("fine", 5, 90),
        ("fine", 96, 4),
    ]


def test_a_draft_that_is_being_written_is_listed_as_going_on() -> None:
    steps = (*STEPS[:2], StepView(name="write", began=BEGAN + 2, ended=0.0))
    page = drawn(replace(RUN, state="working", outcome="", ended=0.0, steps=steps, reports=(), where=""), BEGAN + 30)
    assert "writing the files" in page
    assert "28.0 s" in page
    assert '<meta http-equiv="refresh"' in page


@pytest.mark.parametrize(
    ("state", "outcome", "title"),
    [
        ("waiting", "", "Waiting for its turn"),
        ("working", "", "Working on it"),
        ("ended", "draft", "The pull request is a draft"),
        ("ended", "failed", "Could not go on"),
        ("ended", "a word of a later version", "Done"),
        ("stopped", "", "Stopped"),
        ("broken", "", "Broke off"),
    ],
)
def test_the_headline_says_how_it_stands(state: str, outcome: str, title: str) -> None:
    page = drawn(replace(RUN, state=state, outcome=outcome))  # type: ignore[arg-type]  # each is a state
    assert title in "".join(Page(page).text)


def test_a_failed_step_says_why_and_links_lead_to_github_only() -> None:
    steps = (StepView(name="base", began=BEGAN, ended=BEGAN + 1, error="The repository is empty."),)
    page = drawn(replace(RUN, outcome="failed", steps=steps, where="https://evil.example/pull/8"))
    assert "The repository is empty." in page
    assert "evil.example" not in page


def test_the_policy_lets_the_style_through() -> None:
    page = run_page(RUN, github="https://github.com", link="?key=k", now=BEGAN)
    style = re.search(r"<style>(.*?)</style>", page.html, re.DOTALL)
    assert style
    assert page.style == base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()


@given(hostile, hostile, hostile, st.floats(0, 1e10), st.floats(0, 1e10))
def test_whatever_stands_in_a_run_stays_text(title: str, actor: str, error: str, began: float, ended: float) -> None:
    steps = (StepView(name="verify-1", began=began, ended=ended, error=error), *STEPS)
    plain, page = Page(drawn(RUN)), Page(drawn(replace(RUN, title=title, actor=actor, steps=steps)))
    assert set(page.tags) <= {*plain.tags, "p"}
    assert not page.open
    assert all(not name.startswith("on") for name, _ in page.attributes)
