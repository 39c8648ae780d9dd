"""Who is alive: each process beats in the shared database, and adopts what a dead one left behind.

The open-source part of the durable engine recovers only the work of its own executor id. Two processes must never
share one (the second would steal the first's work), so somebody has to notice that a process died: this does.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

_LOG: Final = logging.getLogger(__name__)
_BEATS: Final = sa.Table(
    "groundwork_beat",
    sa.MetaData(),
    sa.Column("executor_id", sa.String(80), primary_key=True),
    sa.Column("beat", sa.Float, nullable=False),
)


class Heartbeat:
    """Beats for `executor_id` from a thread of its own, and reports the owners that stopped beating.

    Args:
        url: SQLAlchemy URL of the system database.
        executor_id: This process; unique for each start.
        owners: Returns the executor ids that own unfinished work, as of now.
        adopt: Takes over the unfinished work of the given executor ids.
        ttl: Seconds without a beat after which a process is dead. Below 60 only in tests: a paused virtual machine or
            a slow database must not look like a death.
        alone: This process holds the database exclusively, so every other owner is dead at once.
    """

    def __init__(
        self,
        url: str,
        executor_id: str,
        *,
        owners: Callable[[], set[str]],
        adopt: Callable[[list[str]], None],
        ttl: float = 60.0,
        alone: bool = False,
    ) -> None:
        self._engine = sa.create_engine(url, pool_pre_ping=True, pool_size=1, max_overflow=0)
        self._executor_id = executor_id
        self._owners = owners
        self._adopt = adopt
        self._ttl = ttl
        self._alone = alone
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="groundwork-heartbeat", daemon=True)
        self._trusted_since = time.monotonic()

    def insert(self) -> None:
        """Beat once, before any work is taken: a process without a beat would look dead to the others."""
        _BEATS.metadata.create_all(self._engine)
        self._beat()

    def start(self) -> None:
        """Beat and look after the others until `stop`."""
        self._trusted_since = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """Stop beating and forget this process: its unfinished work may be adopted at once."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        try:
            with self._engine.begin() as connection:
                connection.execute(_BEATS.delete().where(_BEATS.c.executor_id == self._executor_id))
        except sa.exc.SQLAlchemyError as error:
            _LOG.warning("could not sign off; others will notice after %s s: %s", self._ttl, type(error).__name__)
        self._engine.dispose()

    def _run(self) -> None:
        while True:
            try:
                self._tick()
            except sa.exc.SQLAlchemyError as error:
                # The others may have been unable to beat just as we were: start to trust the table anew.
                self._trusted_since = time.monotonic()
                _LOG.warning("heartbeat failed, trying again: %s", type(error).__name__)
            if self._stop.wait(self._ttl / 6):
                return

    def _tick(self) -> None:
        alive = self._beat()
        if not self._alone and time.monotonic() - self._trusted_since <= self._ttl:
            return
        dead = sorted(self._owners() - alive)
        if dead:
            _LOG.warning("adopting the work of %s", ", ".join(dead))
            self._adopt(dead)

    def _beat(self) -> set[str]:
        """Write this process's beat and return the executor ids that beat within the time to live.

        The database's clock is used throughout: the processes' own clocks need not agree.
        """
        with self._engine.begin() as connection:
            now = connection.execute(sa.text(_NOW[self._engine.dialect.name])).scalar_one()
            mine = _BEATS.c.executor_id == self._executor_id
            if not connection.execute(_BEATS.update().where(mine).values(beat=now)).rowcount:
                connection.execute(_BEATS.insert().values(executor_id=self._executor_id, beat=now))
            if self._alone:
                return {self._executor_id}
            recent = sa.select(_BEATS.c.executor_id).where(_BEATS.c.beat >= now - self._ttl)
            return set(connection.execute(recent).scalars())


_NOW: Final = {
    "sqlite": "select (julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "select extract(epoch from clock_timestamp())::float8",
}
