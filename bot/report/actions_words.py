"""Why GitHub Actions verified nothing, and what to do about it: a clause and a next step each, for the report."""

from __future__ import annotations

import re
from typing import Final

from bot.model.actions_run import ActionsRun, Trouble
from bot.model.health import Cause
from bot.report import plain

_AGAIN: Final = "then write `/infra verify`"
# What GitHub writes on a job -> what it means, and the mend; the first that fits.
_SAID: Final = (
    (
        re.compile(r"payments have failed|spending limit|billing", re.IGNORECASE),
        "GitHub did not start the job: the account's payments failed, or its spending limit is reached",
        f"an owner can look under Settings, Billing and plans, {_AGAIN}",
    ),
    (
        re.compile(r"required workflow", re.IGNORECASE),
        "A required workflow of the organisation stands in the way",
        f"an owner can exempt `groundwork/**` from that rule under Settings, Rules, {_AGAIN}",
    ),
    (
        re.compile(r"not allowed (?:to be used )?in|is not allowed|actions? policy|verified creators", re.IGNORECASE),
        "A policy does not allow an action that the workflow uses",
        f"an owner can allow it under Settings, Actions, General, {_AGAIN}",
    ),
    (
        re.compile(r"no (?:enabled |matching |online )*runners?\b|runner group", re.IGNORECASE),
        "No runner took the job",
        f"start one with the labels that the workflow asks for, or change them there, {_AGAIN}",
    ),
    (
        re.compile(r"lost communication|shutdown signal|runner .{0,60}(?:died|stopped)", re.IGNORECASE),
        "The runner was lost while it worked",
        "write `/infra verify` to try again",
    ),
    (
        re.compile(r"storage quota", re.IGNORECASE),
        "The report could not be kept: the account's storage for artifacts is full",
        f"delete old artifacts, {_AGAIN}",
    ),
    (
        re.compile(r"maximum execution time|timed out|time limit", re.IGNORECASE),
        "The job did not end within its time limit",
        "raise `timeout-minutes` in the workflow, or see in its log what took so long",
    ),
)
_CONCLUDED: Final = {
    "cancelled": ("The workflow was cancelled before it had a result", "write `/infra verify` to run it again"),
    "skipped": ("The workflow was skipped", f"look at the `if` in the workflow file, {_AGAIN}"),
    "timed_out": (
        "The job did not end within its time limit",
        "raise `timeout-minutes` in the workflow, or see in its log what took so long",
    ),
    "startup_failure": (
        "GitHub could not start the workflow: its file does not fit, or a policy does not allow an action it uses",
        f"open the workflow run, which says what; actions are allowed under Settings, Actions, General; {_AGAIN}",
    ),
    "stale": ("GitHub gave the workflow up", "write `/infra verify` to run it again"),
    "neutral": ("The workflow ended without a result", "write `/infra verify` to run it again"),
}
_DISABLED: Final = {
    "disabled_manually": "somebody switched it off",
    "disabled_inactivity": "GitHub switches workflows off where nothing happened for 60 days",
    "disabled_fork": "workflows of a fork are off until somebody switches them on",
}


def nothing_started(trouble: Trouble) -> Cause:
    """Return why no run of the workflow appeared."""
    if not trouble.on_branch:
        if not trouble.may_add:
            return _both(
                "The branch has no workflow that verifies: the App may not write workflow files",
                "an owner can accept the App's permission `workflows` in its installation, then write `/infra retry`",
            )
        return _both("The branch has no workflow that verifies", "write `/infra retry`, which adds it")
    if trouble.workflow in _DISABLED:
        return _both(
            f"The workflow `infra-verify.yml` is switched off: {_DISABLED[trouble.workflow]}",
            f"switch it on under Actions, {_AGAIN}",
        )
    return _both(
        "GitHub Actions started no workflow for the pushed commit: it is switched off here, or a policy forbids it",
        f"an owner can switch it on under Settings, Actions, General, {_AGAIN}",
    )


def no_approval(run: ActionsRun) -> Cause:
    """Return that somebody has to let the workflow run."""
    del run
    return _both("The workflow waits for somebody's approval", f"approve it on the workflow's page, {_AGAIN}")


def no_runner(trouble: Trouble) -> Cause:
    """Return that the job still waits for a runner."""
    labels = ", ".join(f"`{plain.line(label, limit=60).replace('`', '')}`" for label in trouble.labels[:8])
    asked = f" with the labels {labels}" if labels else ""
    return _both(
        f"No runner{asked} took the job", f"start one, or set `runs-on` in the workflow to one that there is, {_AGAIN}"
    )


def too_long() -> Cause:
    """Return that the workflow does not end."""
    return _both("The workflow has not ended in the time it has", f"look at its log, cancel it, {_AGAIN}")


def no_report(run: ActionsRun, trouble: Trouble) -> Cause:
    """Return why a run that ended left no report."""
    for said in trouble.said:
        for pattern, what, mend in _SAID:
            if pattern.search(said):
                return _both(what, mend)
    if run.conclusion in _CONCLUDED:
        return _both(*_CONCLUDED[run.conclusion])
    if trouble.failed:
        step = plain.line(trouble.failed, limit=80).replace("`", "")
        return _both(f"The workflow failed in its step `{step}`, before it could verify", "its log says why")
    return _both("The workflow ended without a report", f"its log says why; mend that, {_AGAIN}")


def not_trusted(why: str) -> Cause:
    """Return that the report which the workflow left cannot be believed; `why` is a clause about it."""
    return _both(
        f"The report that the workflow left is not believed: {plain.line(why, limit=200).rstrip('.')}",
        "see whether the workflow file on the branch is still Groundwork's, then write `/infra verify`",
    )


def _both(what: str, mend: str) -> Cause:
    return Cause(code="unknown", title=plain.clause(what), next_step=mend)
