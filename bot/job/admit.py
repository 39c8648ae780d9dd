"""Whether a job may be done: decided when its sender's standing and the state of the run are known; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from bot.event.kinds import Ignored
from bot.job.kinds import Job, JobKind, Why

Permission = Literal["admin", "maintain", "write", "triage", "read", "none"]
MAY_WRITE: Final = frozenset({"admin", "maintain", "write"})
_BEGINS: Final = frozenset({JobKind.START, JobKind.RETRY})
_STAYS_SILENT: Final = frozenset({JobKind.EXPLAIN, JobKind.STATUS, JobKind.HELP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What was found out before a job is done.

    Attributes:
        permission: The sender's, in the repository.
        named: The repository's configuration names the sender, person or bot, as one to listen to.
        running: A run of the issue (or of the pull request's issue) is on.
        approved: The review that the job comes from is an approval.
    """

    permission: Permission
    named: bool = False
    running: bool = False
    approved: bool = False


def admit(job: Job, standing: Standing) -> Job | Ignored:
    """Return `job`, the job that explains why it is not done, or why nothing is."""
    refused = _not_allowed(job, standing) if job.needs_write and not standing.named else None
    return refused or _not_now(job, standing) or job


def _not_allowed(job: Job, standing: Standing) -> Job | Ignored | None:
    """Say why the sender may not ask for this, if so."""
    if job.kind is JobKind.START and job.actor_is_bot:
        return _explained(job, Why.LABEL_BY_BOT)
    if standing.permission in MAY_WRITE:
        return None
    # Explained to those who meant to start something; other words of strangers are not answered.
    if job.kind in _STAYS_SILENT:
        return Ignored(reason="no write access")
    return _explained(job, Why.NO_WRITE_ACCESS)


def _not_now(job: Job, standing: Standing) -> Job | Ignored | None:
    """Say why this is not the time for it, if so."""
    if job.kind is JobKind.REVISE and standing.approved and not job.words:
        return Ignored(reason="the comment belongs to an approval")
    if job.kind in _BEGINS and standing.running:
        why, reason = Why.ALREADY_RUNS, "a run of this issue is on"
    elif job.kind is JobKind.STOP and not standing.running:
        why, reason = Why.NOTHING_RUNS, "no run of this issue is on"
    else:
        return None
    # Who writes a command waits for an answer; who flips the label sees the state of things.
    return _explained(job, why, mark=f"comment-{job.comment}") if job.comment else Ignored(reason=reason)


def _explained(job: Job, why: Why, *, mark: str = "") -> Job:
    """Turn `job` into words: once for each issue where no `mark` says otherwise."""
    key = f"{JobKind.EXPLAIN}/{job.repository_id}/{job.number}/{mark or why.value}"
    return replace(job, kind=JobKind.EXPLAIN, key=key, why=why, needs_write=False, issue=None, words="")
