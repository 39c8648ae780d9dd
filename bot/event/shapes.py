"""The payloads of GitHub's webhooks, as far as we read them; all else in them is skipped, not even decoded."""

from __future__ import annotations

import msgspec

from bot.event.parts import (
    Actor,
    Check,
    Comment,
    Installation,
    Issue,
    Label,
    PullRequest,
    Repository,
    Review,
    Workflow,
    WorkflowRun,
)


class Action(msgspec.Struct):
    """As much as tells whether the rest is worth reading."""

    action: str = ""


class Payload(msgspec.Struct, kw_only=True):
    """What all share."""

    action: str = ""
    sender: Actor | None = None


class RepositoryPayload(Payload, kw_only=True):
    """What all have that happen in a repository."""

    repository: Repository
    installation: Installation | None = None


class IssuesPayload(RepositoryPayload, kw_only=True):
    """`issues`."""

    issue: Issue
    label: Label | None = None


class IssueCommentPayload(RepositoryPayload, kw_only=True):
    """`issue_comment`."""

    issue: Issue
    comment: Comment


class PullRequestPayload(RepositoryPayload, kw_only=True):
    """`pull_request`."""

    pull_request: PullRequest
    label: Label | None = None


class ReviewPayload(RepositoryPayload, kw_only=True):
    """`pull_request_review`."""

    pull_request: PullRequest
    review: Review


class ReviewCommentPayload(RepositoryPayload, kw_only=True):
    """`pull_request_review_comment`."""

    pull_request: PullRequest
    comment: Comment


class WorkflowRunPayload(RepositoryPayload, kw_only=True):
    """`workflow_run`."""

    workflow_run: WorkflowRun
    workflow: Workflow | None = None


class CheckRunPayload(RepositoryPayload, kw_only=True):
    """`check_run`."""

    check_run: Check


class CheckSuitePayload(RepositoryPayload, kw_only=True):
    """`check_suite`."""

    check_suite: Check


class InstallationPayload(Payload, kw_only=True):
    """`installation`."""

    installation: Installation
    repositories: tuple[Repository, ...] | None = None


class RepositoriesPayload(Payload, kw_only=True):
    """`installation_repositories`."""

    installation: Installation
    repositories_added: tuple[Repository, ...] = ()
    repositories_removed: tuple[Repository, ...] = ()


class Before(msgspec.Struct):
    """What a changed field was."""

    before: str = msgspec.field(name="from", default="")


class Changes(msgspec.Struct):
    """What changed of an account."""

    login: Before = msgspec.field(default_factory=Before)


class TargetPayload(Payload, kw_only=True):
    """`installation_target`."""

    account: Actor
    installation: Installation
    changes: Changes = msgspec.field(default_factory=Changes)


class PingPayload(Payload, kw_only=True):
    """`ping`."""

    hook_id: int = 0
