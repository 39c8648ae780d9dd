"""Whether repairs get anywhere: how far a verified state came, and whether a failure is the one before it."""

from __future__ import annotations

from typing import Final

from bot.agent.evidence import signature
from bot.model.finding import Finding
from bot.model.health import HealthReport, Outcome, Verdict

# The later, the further it came.
_FAR: Final = (
    Outcome.REFUSED,
    Outcome.INVALID,
    Outcome.BUILD_FAILED,
    Outcome.TIMEOUT,
    Outcome.UNHEALTHY,
    Outcome.UNVERIFIED,
    Outcome.HEALTHY,
)
_GOOD: Final = frozenset({Verdict.HEALTHY, Verdict.DONE})


def rank(health: HealthReport) -> tuple[int, int]:
    """Return how far a state came: its outcome, then how many of its services are well. Higher is better."""
    far = _FAR.index(health.outcome) if health.outcome in _FAR else -1
    return far, sum(1 for service in health.services if service.verdict in _GOOD)


def same(before: tuple[tuple[Finding, ...], HealthReport], after: tuple[tuple[Finding, ...], HealthReport]) -> bool:
    """Return whether two states fail in the same way: another repair would be paid for nothing."""
    return signature(*before) == signature(*after)
