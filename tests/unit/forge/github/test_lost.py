"""What counts as lost: what nobody took, in the order in which it happened, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.forge.github.access import AppKey, GitHubApp
from bot.forge.github.lost import Attempt, LostDeliveries, lost
from bot.forge.github.refusal import GitHubError

NOW = 1_800_000_000.0
DAY = 86_400.0


def attempt(number: int, guid: str, code: int, *, event: str = "issues", ago: float = 0.0) -> Attempt:
    at = datetime.fromtimestamp(NOW - ago, tz=UTC)
    return Attempt(id=number, guid=guid, event=event, delivered_at=at, status_code=code)


@pytest.mark.parametrize(
    ("newest_first", "ids"),
    [
        ([], []),
        ([attempt(1, "a", 202)], []),
        ([attempt(2, "b", 502), attempt(1, "a", 0)], [1, 2]),
        ([attempt(2, "a", 202), attempt(1, "a", 502)], []),  # taken when it came again
        ([attempt(2, "a", 502), attempt(1, "a", 202)], []),  # taken, and sent once more by hand
        ([attempt(3, "a", 504), attempt(2, "b", 503), attempt(1, "a", 502)], [3, 2]),  # by when it first came
        ([attempt(3, "a", 502), attempt(2, "a", 502), attempt(1, "a", 502)], []),  # three times are enough
        ([attempt(1, "a", 400)], []),  # it would be as malformed again
        ([attempt(1, "a", 401)], [1]),  # the secret may have been mended
        ([attempt(1, "a", 502, event="star")], []),
    ],
)
def test_what_is_lost(newest_first: list[Attempt], ids: list[int]) -> None:
    assert [one.id for one in lost(newest_first, events={"issues"})] == ids


class FakeApp(GitHubApp):
    """Lists deliveries, a page for each list, and takes down which were asked for."""

    def __init__(self, *pages: list[Attempt]) -> None:
        super().__init__(AppKey(app_id=1, private_key=""), now=lambda: NOW)
        self.listed = list(pages)
        self.read = 0
        self.asked: list[str] = []
        self.gone = False

    async def pages(self, path: str, *, most: int) -> AsyncIterator[list[Any]]:
        assert path == "/app/hook/deliveries"
        for page in self.listed[:most]:
            self.read += 1
            yield [
                {"id": one.id, "guid": one.guid, "event": one.event, "status_code": one.status_code,
                 "delivered_at": one.delivered_at.isoformat()} for one in page
            ]  # fmt: skip

    async def ask(self, method: str, path: str, *, params: Mapping[str, str | int] | None = None) -> Any:
        assert params is None
        self.asked.append(f"{method} {path}")
        if self.gone:
            raise GitHubError("gone", status=422)


def test_one_that_is_never_taken_is_asked_for_twice_and_then_left() -> None:
    app = FakeApp([attempt(1, "a", 502)])
    deliveries = LostDeliveries(app, {"issues"})
    assert [asyncio.run(deliveries.ask_again()) for _ in range(4)] == [1, 1, 0, 0]
    assert app.asked == ["POST /app/hook/deliveries/1/attempts"] * 2


def test_no_more_is_read_than_github_keeps() -> None:
    app = FakeApp(
        [attempt(3, "c", 502, ago=DAY)], [attempt(2, "b", 502, ago=4 * DAY)], [attempt(1, "a", 502, ago=5 * DAY)]
    )
    assert asyncio.run(LostDeliveries(app, {"issues"}).ask_again()) == 1
    assert app.asked == ["POST /app/hook/deliveries/3/attempts"]
    assert app.read == 2


def test_later_looks_go_back_an_hour_behind_the_last() -> None:
    app = FakeApp([attempt(3, "c", 202)], [attempt(2, "b", 502, ago=3_000)], [attempt(1, "a", 202, ago=4_000)], [])
    deliveries = LostDeliveries(app, {"issues"})
    assert asyncio.run(deliveries.ask_again()) == 1
    app.read = 0
    assert asyncio.run(deliveries.ask_again()) == 1
    assert app.read == 3


def test_what_github_no_longer_sends_is_not_counted_and_holds_up_nothing() -> None:
    app = FakeApp([attempt(1, "a", 502)])
    app.gone = True
    assert asyncio.run(LostDeliveries(app, {"issues"}).ask_again()) == 0
