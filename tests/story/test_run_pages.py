"""The page of a run: its link stands on the issue, opens for whoever has it, and for nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fakes.verifier import HEALTHY, UNHEALTHY, FakeVerifier
from tests.story.conftest import ASKS
from tests.story.emulator.github import GitHub, Repository
from tests.story.server import Server, serving
from tests.story.test_cancel_and_commands import held_at_verification

PUBLIC = "https://groundwork.example.org"


@pytest.fixture
def server(github: GitHub, key: str, tmp_path: Path, verifier: FakeVerifier) -> Iterator[Server]:
    """The App, reachable for people."""
    with serving(github, key, tmp_path / "data", verifier=verifier, public_url=f"{PUBLIC}/") as server:
        yield server


def linked(repository: Repository, number: int) -> str:
    """The link on the issue."""
    (comment,) = repository.comments(number)
    found = re.search(r"\[Steps, times and reports of this run\]\((\S+)\)", comment)
    assert found, comment
    assert found[1].startswith(f"{PUBLIC}/run/")
    return found[1]


def text(page: httpx.Response) -> str:
    """What a person reads of a page."""
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page.text, flags=re.DOTALL).split())


def test_the_page_shows_steps_and_reports(server: Server, shop: Repository, verifier: FakeVerifier) -> None:
    verifier.reports = [UNHEALTHY, HEALTHY]
    number = shop.issue("Add infrastructure", ASKS)
    server.done(shop.label(number))
    link = linked(shop, number)
    page = server.get(link)
    assert page.status_code == 200
    said = text(page)
    for expected in (
        f"{shop.name}#{number}",
        "asked by",
        "read the repository",
        "wrote the files; the rules were checked",
        "verified",
        "opened the pull request",
        "the pull request",
        "Not healthy",
    ):
        assert expected in said
    assert 'http-equiv="refresh"' not in page.text  # it is over: nothing to look for again
    report = server.get(f"{link}&report=1")
    assert "Groundwork health report" in report.text
    assert "listens on" in text(report)
    assert server.get(f"{link}&report=99").text == page.text  # no such report: the run itself


def test_a_run_that_goes_on_says_so_and_looks_again(server: Server, shop: Repository, verifier: FakeVerifier) -> None:
    number, _ = held_at_verification(server, shop, verifier)
    link = linked(shop, number)
    page = server.get(link)
    assert "Working on it" in text(page)
    assert "pushed the branch" in text(page)
    assert 'http-equiv="refresh"' in page.text
    server.done(shop.unlabel(number))
    assert "Stopped" in text(server.get(link))


@pytest.mark.parametrize("change", ["no key", "wrong key", "other run", "unknown run", "long", "not ascii"])
def test_without_the_key_there_is_no_page(server: Server, shop: Repository, change: str) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    server.done(shop.label(number))
    link = linked(shop, number)
    path, _, key = link.partition("?key=")
    asked = {
        "no key": path,
        "wrong key": f"{path}?key={'A' * len(key)}",
        "other run": f"{path}x?key={key}",
        "unknown run": f"{PUBLIC}/run/1/1/x?key={key}",
        "long": f"{path}{'x' * 9000}?key={key}",
        "not ascii": f"{path}?key={key}%C3%A9%00",
    }[change]
    answer = server.get(asked)
    assert answer.status_code == 404
    assert shop.name not in answer.text


def test_what_a_browser_is_told(server: Server, shop: Repository) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    server.done(shop.label(number))
    headers = server.get(linked(shop, number)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
