"""Dollars under a cap that several runs share: reserved before a call, settled after it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Dollars put aside for one call, until it is settled."""

    key: str
    dollars: float


class Ledger(Protocol):
    """Keeps the books of one cap."""

    def reserve(self, key: str, dollars: float) -> Reservation | None:
        """Put `dollars` aside for the call `key`; None where the cap would not hold. The same key reserves once."""
        ...

    def settle(self, reservation: Reservation, dollars: float) -> None:
        """Book what the call really cost (0 for one that never reached the model); a second time changes nothing."""
        ...


class MemoryLedger:
    """A ledger of this process."""

    def __init__(self, cap: float) -> None:
        self._cap = cap
        self._lock = threading.Lock()
        self._reserved: dict[str, float] = {}
        self._settled: dict[str, float] = {}

    @property
    def spent(self) -> float:
        """Dollars booked so far."""
        with self._lock:
            return sum(self._settled.values())

    @property
    def reserved(self) -> float:
        """Dollars put aside for calls under way."""
        with self._lock:
            return sum(self._reserved.values())

    def reserve(self, key: str, dollars: float) -> Reservation | None:
        """Put `dollars` aside for the call `key`; None where the cap would not hold."""
        with self._lock:
            if key in self._settled or key in self._reserved:
                return Reservation(key=key, dollars=self._reserved.get(key, 0.0))
            if sum(self._settled.values()) + sum(self._reserved.values()) + dollars > self._cap:
                return None
            self._reserved[key] = dollars
            return Reservation(key=key, dollars=dollars)

    def settle(self, reservation: Reservation, dollars: float) -> None:
        """Book what the call really cost; a second time changes nothing."""
        with self._lock:
            if self._reserved.pop(reservation.key, None) is not None:
                self._settled[reservation.key] = dollars
