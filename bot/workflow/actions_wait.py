"""Whether a workflow run is to be waited for any longer; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bot.model.actions_run import ActionsRun

# Why the waiting is over.
Over = Literal["ended", "absent", "approval", "no-runner", "too-long"]
_EVENTS: Final = ("push", "workflow_dispatch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long is waited for GitHub, in seconds.

    Attributes:
        first: Until the first look; each later one waits half as long again.
        longest: Between two looks. They stand in for a webhook that was lost: one that comes wakes the run at once.
        appear: For a run of the workflow to appear after the push.
        queue: For a runner to take it.
        run: For it to end, once taken.
    """

    first: float = 15.0
    longest: float = 120.0
    appear: float = 180.0
    queue: float = 1800.0
    run: float = 3600.0

    def naps(self) -> Iterator[float]:
        """Return the seconds between looks, without end."""
        nap = self.first
        while True:
            yield nap
            nap = min(nap * 1.5, self.longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which run will do: any of the commit, or, after a re-run was asked for, that attempt of that run."""

    run_id: int = 0
    attempt: int = 0


def chosen(runs: Sequence[ActionsRun], wanted: Wanted) -> ActionsRun | None:
    """Return the run to look at: the one wanted, or the newest that verifies, a skipped one only where no other is."""
    if wanted.run_id:
        return next((run for run in runs if run.id == wanted.run_id and run.attempt >= wanted.attempt), None)
    return max(runs, key=_worth, default=None)


def _worth(run: ActionsRun) -> tuple[bool, int, int]:
    event = len(_EVENTS) - _EVENTS.index(run.event) if run.event in _EVENTS else 0
    return run.conclusion != "skipped", event, run.id


def over(run: ActionsRun | None, waited: float, patience: Patience) -> Over | None:
    """Return why the waiting for `run` is over after `waited` seconds, or None."""
    if run is None:
        return "absent" if waited >= patience.appear else None
    if run.status == "waiting" or run.conclusion == "action_required":
        return "approval"
    if run.status == "completed":
        return "ended"
    if run.status == "in_progress":
        return "too-long" if waited >= patience.queue + patience.run else None
    return "no-runner" if waited >= patience.queue else None
