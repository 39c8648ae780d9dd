"""A run of a GitHub Actions workflow, and what is known of one that did not do its work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionsRun:
    """A run of the workflow, as GitHub tells it.

    Attributes:
        attempt: Counts re-runs from 1.
        event: What started it: `push`, `pull_request`, `workflow_dispatch`.
        status: `queued`, `in_progress`, `completed`, `waiting`, `requested` or `pending`.
        conclusion: How it ended, "" before: `success`, `failure`, `cancelled`, `skipped`, `timed_out`,
            `action_required`, `startup_failure`, `stale` or `neutral`.
        url: For people.
    """

    id: int
    attempt: int = 1
    event: str = "push"
    status: str = "completed"
    conclusion: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What GitHub says of a run that left no report.

    Attributes:
        said: GitHub's own remarks on its jobs.
        failed: The step that failed, "" where none did.
        labels: Of the runner that its job asks for.
        workflow: The workflow's state: `active`, `disabled_manually` ..., "" where GitHub knows no such workflow.
        on_branch: The commit holds the workflow's file.
        may_add: The App may write workflow files there.
    """

    said: tuple[str, ...] = ()
    failed: str = ""
    labels: tuple[str, ...] = ()
    workflow: str = ""
    on_branch: bool = True
    may_add: bool = True
