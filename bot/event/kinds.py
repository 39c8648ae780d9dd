"""The closed union of events: a webhook delivery, verified and reduced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.event.parts import (
    Actor,
    Check,
    Comment,
    Installation,
    Issue,
    PullRequest,
    Repository,
    Review,
    Workflow,
    WorkflowRun,
)

InstallationAction = Literal["created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"]
IssueAction = Literal["labeled", "unlabeled", "closed", "reopened", "deleted", "transferred"]
PullRequestAction = Literal["closed", "reopened", "synchronize", "labeled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Of every event: the delivery's id, and who caused it."""

    delivery: str
    sender: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryOrigin(Origin):
    """Of an event in a repository: also where; `installation` is 0 for a webhook that no App owns."""

    repository: Repository
    installation: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueChanged(RepositoryOrigin):
    """`issues`: the label came or went (`label`), or the issue itself did."""

    action: IssueAction
    issue: Issue
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCommented(RepositoryOrigin):
    """`issue_comment`, created: on an issue or in the conversation of a pull request."""

    issue: Issue
    comment: Comment


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestChanged(RepositoryOrigin):
    """`pull_request`: `label` for `labeled`."""

    action: PullRequestAction
    pull_request: PullRequest
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSubmitted(RepositoryOrigin):
    """`pull_request_review`, submitted."""

    pull_request: PullRequest
    review: Review


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCommented(RepositoryOrigin):
    """`pull_request_review_comment`, created; GitHub sends one for each comment of a submitted review, too."""

    pull_request: PullRequest
    comment: Comment


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowEnded(RepositoryOrigin):
    """`workflow_run`, completed."""

    workflow: Workflow
    run: WorkflowRun


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRerequested(RepositoryOrigin):
    """`check_run` or `check_suite`, rerequested: somebody pressed "Re-run"."""

    check: Check
    suite: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationChanged(Origin):
    """`installation`; `repositories` are those it covers, as far as the event tells."""

    action: InstallationAction
    installation: Installation
    repositories: tuple[Repository, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoriesChanged(Origin):
    """`installation_repositories`: which came and which went."""

    installation: Installation
    added: tuple[Repository, ...] = ()
    removed: tuple[Repository, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRenamed(Origin):
    """`installation_target`, renamed: the account that installed the App has another name now."""

    installation: int
    account: Actor
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Origin):
    """`ping`: the webhook is set up."""

    hook: int = 0


Event = (
    IssueChanged
    | IssueCommented
    | PullRequestChanged
    | ReviewSubmitted
    | ReviewCommented
    | WorkflowEnded
    | CheckRerequested
    | InstallationChanged
    | RepositoriesChanged
    | AccountRenamed
    | Ping
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """Nothing is to be done, and why: one clause for the log."""

    reason: str
