"""Which workflow run is looked at, and when the waiting for it is over."""

from __future__ import annotations

from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.actions_run import ActionsRun
from bot.workflow.actions_wait import Over, Patience, Wanted, chosen, over

PATIENCE = Patience(first=10, longest=60, appear=180, queue=1800, run=3600)


def run(number: int = 1, **about: object) -> ActionsRun:
    return ActionsRun(id=number, **about)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "waited", "expected"),
    [
        (None, 179, None),
        (None, 180, "absent"),
        (run(status="queued"), 1799, None),
        (run(status="queued"), 1800, "no-runner"),
        (run(status="pending"), 1800, "no-runner"),
        (run(status="in_progress"), 1800, None),
        (run(status="in_progress"), 5400, "too-long"),
        (run(status="waiting"), 0, "approval"),
        (run(status="completed", conclusion="action_required"), 0, "approval"),
        (run(status="completed", conclusion="success"), 0, "ended"),
        (run(status="completed", conclusion="cancelled"), 9999, "ended"),
    ],
)
def test_the_waiting_ends_for_one_reason(seen: ActionsRun | None, waited: float, expected: Over | None) -> None:
    assert over(seen, waited, PATIENCE) == expected


@given(
    st.sampled_from(["queued", "in_progress", "completed", "waiting", "requested", "pending", "new to us"]),
    st.sampled_from(["", "success", "failure", "new to us"]),
)
def test_no_state_is_waited_for_without_end(status: str, conclusion: str) -> None:
    assert over(run(status=status, conclusion=conclusion), PATIENCE.queue + PATIENCE.run, PATIENCE)


def test_looks_become_rarer_up_to_a_limit() -> None:
    naps = list(islice(PATIENCE.naps(), 12))
    assert naps[0] == 10
    assert all(before <= after for before, after in pairwise(naps))
    assert naps[-1] == 60


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ((), 0),
        ((run(1), run(2)), 2),
        # The one that was pushed verifies; the one of the pull request skips our branches.
        ((run(1, event="push"), run(2, event="pull_request", conclusion="skipped")), 1),
        ((run(1, event="push"), run(2, event="pull_request")), 1),
        ((run(2, event="pull_request", conclusion="skipped"),), 2),
        ((run(1, conclusion="skipped"), run(2, event="pull_request")), 2),
        ((run(1, event="workflow_dispatch"), run(2, event="push")), 2),
        ((run(1, event="schedule"), run(2, event="workflow_dispatch")), 2),
    ],
)
def test_of_several_runs_the_one_that_verifies_is_looked_at(runs: tuple[ActionsRun, ...], expected: int) -> None:
    found = chosen(runs, Wanted())
    assert (found.id if found else 0) == expected


def test_after_a_re_run_the_attempt_before_it_will_not_do() -> None:
    wanted = Wanted(run_id=1, attempt=2)
    assert chosen((run(1, attempt=1), run(9, attempt=5)), wanted) is None
    assert chosen((run(1, attempt=2), run(9, attempt=5)), wanted) == run(1, attempt=2)
    assert chosen((run(1, attempt=3),), wanted) == run(1, attempt=3), "somebody pressed the button meanwhile"
