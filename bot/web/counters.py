"""Counts of what the intake did with requests, for a monitor to read."""

from __future__ import annotations

from collections import Counter


class Counters:
    """Counts by outcome; of one event loop, so that nothing needs a lock."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def count(self, outcome: str) -> None:
        """Add one for `outcome`, a name of our own: never text from outside, which could be endless."""
        self._counts[outcome] += 1

    def text(self) -> str:
        """Return all counts in the text format of Prometheus."""
        name = "groundwork_webhooks_total"
        lines = [f'{name}{{outcome="{outcome}"}} {count}' for outcome, count in sorted(self._counts.items())]
        return "\n".join([f"# HELP {name} Webhook requests by outcome.", f"# TYPE {name} counter", *lines, ""])
