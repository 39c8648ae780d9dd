"""The page: self-contained, without script, and closed to what stands in it."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from bot.model.health import Outcome
from bot.report.health_html import health_html
from tests.unit.report import proposals, reports
from tests.unit.report.hostile import proposal_of, report_of
from tests.unit.report.reading import hostile

VOID = {"meta", "link", "circle", "path", "rect", "line"}
TAGS = frozenset(
    word
    for line in (
        "html head meta link title style body main header section footer p h1 h2 dl div dt dd code pre ul li strong",
        "span table thead tbody tr th td svg g defs marker path circle rect line text details summary a i",
    )
    for word in line.split()
)


class Page(HTMLParser):
    """Collects what a browser would make of the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def assert_closed(html: str) -> None:
    page = Page(html)
    assert page.open == []
    assert set(page.tags) <= TAGS
    for name, value in page.attributes:
        assert not name.startswith("on"), name
        assert name != "style"
        if name in {"href", "src"}:
            assert value == "data:,"[: len(value or "")] or re.fullmatch(r"http://127\.0\.0\.1:\d+", value or "")
        if name == "marker-end":
            assert value == "url(#tip)"


@pytest.mark.parametrize("name", ["healthy", "unhealthy", "refused", "verify_none"])
def test_body(name: str, snapshot: SnapshotAssertion) -> None:
    html = health_html(reports.ALL[name])
    assert html[html.index("<body>") :] == snapshot


@pytest.mark.parametrize("name", list(proposals.ALL))
def test_body_of_a_run(name: str, snapshot: SnapshotAssertion) -> None:
    html = health_html(proposals.ALL[name].health, proposals.ALL[name])
    assert html[html.index("<body>") :] == snapshot


@pytest.mark.parametrize("name", list(reports.ALL))
def test_the_page_is_well_formed(name: str) -> None:
    assert_closed(health_html(reports.ALL[name]))


@given(hostile, st.sampled_from(Outcome))
@settings(max_examples=40)
def test_hostile_text_stays_text(words: str, outcome: Outcome) -> None:
    assert_closed(health_html(report_of(words, outcome)))
    assert_closed(health_html(report_of(words, outcome), proposal_of(words, outcome)))


def test_the_policy_allows_its_own_style_and_nothing_else() -> None:
    html = health_html(reports.HEALTHY)
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    assert f'content="{policy}"' in html
    assert "<script" not in html
    assert not re.search(r"@import|url\(", style[1])


def test_the_page_says_what_the_pull_request_says() -> None:
    text = " ".join("".join(Page(health_html(reports.HEALTHY, proposals.SHOP)).text).split())
    for words in (
        "Why these parts",
        "Django, not FastAPI",
        "Please confirm",
        "What the issue asks for",
        "not checked by Groundwork",
        "cp .env.example .env",
        "src/legacy/run.sh",
        "The 2 attempts",
    ):
        assert words in text


def test_a_report_alone_does_not_speak_of_a_run() -> None:
    html = health_html(reports.HEALTHY)
    assert "What the issue asks for" not in html
    assert "Why these parts" not in html


def test_a_page_of_very_many_things_stays_small() -> None:
    many = tuple(replace(reports.POSTGRES, name=f"s{number}", log=("x" * 5000,) * 200) for number in range(1000))
    html = health_html(replace(reports.HEALTHY, services=many, unverified=("y" * 5000,) * 1000))
    assert "and 800 more" in html
    assert len(html) < 4_000_000


def test_the_broken_log_is_open_and_the_others_are_folded() -> None:
    loud = replace(reports.POSTGRES, log=("quiet",))
    html = health_html(replace(reports.UNHEALTHY, services=(loud, reports.SICK_BACKEND)))
    assert "<details open><summary>Log of <code>backend</code>" in html
    assert "<details><summary>Log of <code>postgres</code>" in html


def test_the_log_of_the_root_cause_comes_first_however_many_there_are() -> None:
    loud = tuple(replace(reports.POSTGRES, name=f"s{number}", log=("quiet",)) for number in range(60))
    html = health_html(replace(reports.UNHEALTHY, services=(*loud, reports.SICK_BACKEND)))
    assert html.index("Log of <code>backend</code>") < html.index("Log of <code>s0</code>")


def test_a_time_that_daily_use_would_not_show_is_explained_below_the_picture() -> None:
    said = " ".join(Page(health_html(replace(reports.HEALTHY, hastened=("nginx",)))).text)
    assert "1 service was asked for health twice a second" in said.partition("Start-up")[2]
    assert "twice a second" not in health_html(reports.HEALTHY)
