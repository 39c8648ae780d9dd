"""What an event asks for: `decide` is pure, so that each decision is one line of a test."""

from __future__ import annotations

from dataclasses import replace

from bot.event.kinds import (
    AccountRenamed,
    CheckRerequested,
    Event,
    Ignored,
    InstallationChanged,
    IssueChanged,
    IssueCommented,
    Ping,
    PullRequestChanged,
    RepositoriesChanged,
    ReviewCommented,
    ReviewSubmitted,
    WorkflowEnded,
)
from bot.job.comments import comment_job, review_comment_job, review_job
from bot.job.issues import issue_job, label_on_pull_request
from bot.job.kinds import Context, Job, JobKind
from bot.job.origin import base_job, by_us, ours, same_label

InRepository = (
    IssueChanged
    | IssueCommented
    | PullRequestChanged
    | ReviewSubmitted
    | ReviewCommented
    | WorkflowEnded
    | CheckRerequested
)


def decide(event: Event, context: Context) -> Job | Ignored:
    """Return what `event` asks for, or why for nothing.

    Whether its sender may ask is not known yet: a job with `needs_write` must pass `bot.job.admit.admit` first.
    """
    match event:
        case Ping():
            return Ignored(reason="ping")
        case InstallationChanged() | RepositoriesChanged() | AccountRenamed():
            return _installation(event)
        case _:
            return _in_repository(event, context)


def _in_repository(event: InRepository, context: Context) -> Job | Ignored:
    refused = _refused(event, context)
    if refused:
        return refused
    match event:
        case IssueChanged():
            decision = issue_job(event, context)
        case IssueCommented():
            decision = comment_job(event, context)
        case PullRequestChanged():
            decision = _pull_request(event, context)
        case ReviewSubmitted():
            decision = review_job(event, context)
        case ReviewCommented():
            decision = review_comment_job(event, context)
        case WorkflowEnded():
            decision = _actions_ended(event, context)
        case CheckRerequested():
            decision = _rerequested(event, context)
    return decision


def _refused(event: InRepository, context: Context) -> Ignored | None:
    if event.repository.archived:
        return Ignored(reason="the repository is archived: nothing can be written there")
    if not event.installation:
        return Ignored(reason="the webhook belongs to no installation of the App")
    # A workflow that our push or dispatch started is ours, and yet news.
    if by_us(event, context) and not isinstance(event, WorkflowEnded):
        return Ignored(reason="our own doing")
    return None


def _pull_request(event: PullRequestChanged, context: Context) -> Job | Ignored:
    pull_request = event.pull_request
    if event.action == "labeled":
        if not same_label(event.label, context):
            return Ignored(reason="another label")
        return label_on_pull_request(event, pull_request.number)
    if not ours(pull_request, context):
        return Ignored(reason="not a pull request of ours")
    kind, action, mark = JobKind.HEAD_MOVED, "", pull_request.head.sha
    if event.action == "closed":
        kind, action, mark = JobKind.ENDED, "merged" if pull_request.merged else "closed", event.delivery
    elif event.action == "reopened":
        kind, mark = JobKind.VERIFY, event.delivery
    return replace(
        base_job(event, kind, number=pull_request.number, mark=mark),
        on_pull_request=True,
        branch=pull_request.head.ref,
        head=pull_request.head.sha,
        at=pull_request.updated_at,
        action=action,
    )


def _actions_ended(event: WorkflowEnded, context: Context) -> Job | Ignored:
    branch = event.run.head_branch or ""
    if event.workflow.path != context.workflow or not branch.startswith(context.branch_prefix):
        return Ignored(reason="not our workflow on a branch of ours")
    job = base_job(event, JobKind.ACTIONS_ENDED, number=0, mark=f"run-{event.run.id}-{event.run.run_attempt}")
    return replace(
        job, branch=branch, head=event.run.head_sha, actions_run=event.run.id, action=event.run.conclusion or ""
    )


def _rerequested(event: CheckRerequested, context: Context) -> Job | Ignored:
    if event.check.app is None or event.check.app.id != context.app_id:
        return Ignored(reason="another App's check")
    # The same check can be asked for again and again: only the delivery tells one asking from the next.
    return replace(base_job(event, JobKind.VERIFY, number=0, mark=event.delivery), head=event.check.head_sha)


def _installation(event: InstallationChanged | RepositoriesChanged | AccountRenamed) -> Job:
    match event:
        case InstallationChanged():
            number, action = event.installation.id, str(event.action)
            account = event.installation.account.login if event.installation.account else ""
            gone = event.action == "deleted"
            names = tuple(repository.full_name for repository in event.repositories)
            added, removed = ((), names) if gone else (names, ())
        case RepositoriesChanged():
            number, action = event.installation.id, "repositories"
            account = event.installation.account.login if event.installation.account else ""
            added = tuple(repository.full_name for repository in event.added)
            removed = tuple(repository.full_name for repository in event.removed)
        case AccountRenamed():
            number, action, account = event.installation, "renamed", event.account.login
            added, removed = (), ()
    return Job(
        key=f"{JobKind.INSTALLATION}/{number}/{action}/{event.delivery}",
        kind=JobKind.INSTALLATION,
        delivery=event.delivery,
        installation=number,
        actor=event.sender.login,
        actor_is_bot=event.sender.is_bot,
        action=action,
        account=account,
        added=added,
        removed=removed,
    )
