"""Deliveries that nobody took: GitHub keeps them for three days and sends them again only when it is asked to."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from bot.forge.github.access import GitHubApp
from bot.forge.github.refusal import GitHubError, UnansweredError

_KEPT: Final = 3 * 86_400.0  # seconds
_BEFORE: Final = 3_600.0  # seconds that a look goes back behind the last one
_TRIES: Final = 3  # of one delivery, the first included
_MOST_PAGES: Final = 50
_APART: Final = 1.0  # seconds between two that are asked for, as GitHub wishes of writes
_OURS: Final = 400  # what this server answers when a delivery itself is bad: it would not be better again


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One time that GitHub tried to deliver; `guid` is the same for all times."""

    id: int
    guid: str
    event: str
    delivered_at: datetime
    status_code: int  # what was answered; 0 where nothing was


def lost(attempts: Iterable[Attempt], *, events: Collection[str]) -> tuple[Attempt, ...]:
    """Return what of `attempts`, the newest first, nobody took, the oldest first: order matters to a label."""
    known = list(attempts)
    taken = {one.guid for one in known if 200 <= one.status_code < 300 or one.status_code == _OURS}
    times = Counter(one.guid for one in known)
    newest = {one.guid: one for one in reversed(known)}
    firsts = list(dict.fromkeys(one.guid for one in reversed(known)))
    return tuple(
        newest[guid] for guid in firsts if guid not in taken and times[guid] < _TRIES and newest[guid].event in events
    )


class LostDeliveries:
    """Finds what was lost while the server was away, and asks for it; a job has its key, so nothing is done twice."""

    def __init__(self, app: GitHubApp, events: Collection[str]) -> None:
        self._app = app
        self._events = events
        self._since = 0.0
        self._asked: Counter[str] = Counter()

    async def ask_again(self) -> int:
        """Ask GitHub for what was lost since the last look, three days at most; return how many deliveries it was.

        Raises:
            GroundworkError: GitHub said no.
            UnansweredError: It did not answer.
        """
        now = self._app.now()
        attempts = await self._attempts(max(self._since - _BEFORE, now - _KEPT))
        asked = 0
        for one in lost(attempts, events=self._events):
            if self._asked[one.guid] >= _TRIES - 1:
                continue
            if asked:
                await asyncio.sleep(_APART)
            self._asked[one.guid] += 1
            try:
                await self._app.ask("POST", f"/app/hook/deliveries/{one.id}/attempts")
            except GitHubError:
                continue  # no longer kept, or sent to another address since
            asked += 1
        self._since = now
        return asked

    async def _attempts(self, since: float) -> list[Attempt]:
        found: list[Attempt] = []
        async for page in self._app.pages("/app/hook/deliveries", most=_MOST_PAGES):
            try:
                found += msgspec.convert(page, type=list[Attempt])
            except msgspec.ValidationError as error:
                raise UnansweredError(f"not the list of deliveries that GitHub describes: {error}") from error
            if not found or found[-1].delivered_at.timestamp() < since:
                break
        return [one for one in found if one.delivered_at.timestamp() >= since]
