"""What events are made of: people, repositories, issues and pull requests, as far as we look at them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did it; `type` is `User`, `Bot`, `Organization` or `Mannequin`."""

    id: int
    login: str
    type: str = "User"

    @property
    def is_bot(self) -> bool:
        """Whether no person stands behind it; old payloads call bots users, but their names tell."""
        return self.type == "Bot" or self.login.endswith("[bot]")


# GitHub's own stand-in for deleted accounts, where a payload says null.
GHOST = Actor(id=10137, login="ghost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository; installation events tell no more than its first three fields."""

    id: int
    full_name: str
    private: bool = False
    archived: bool = False
    default_branch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label's name as its repository spells it; GitHub compares names without case."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestLink:
    """What an issue that is a pull request has besides; that it is there is all we need."""

    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue, or a pull request seen as one (`pull_request` is then not None)."""

    number: int
    title: str
    state: str = "open"
    body: str | None = None
    user: Actor | None = None
    labels: tuple[Label, ...] = ()
    pull_request: PullRequestLink | None = None
    updated_at: str = ""

    @property
    def author(self) -> Actor:
        """Who opened it."""
        return self.user or GHOST


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on an issue, or, with `path`, on a line of a pull request."""

    id: int
    body: str | None = None
    user: Actor | None = None
    created_at: str = ""
    path: str = ""
    pull_request_review_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review as submitted; `state` in lower case: `approved`, `changes_requested`, `commented` or `dismissed`."""

    id: int
    state: str
    body: str | None = None
    user: Actor | None = None
    commit_id: str | None = None
    submitted_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """One side of a pull request; `repo` is None where the fork is gone."""

    ref: str
    sha: str
    repo: Repository | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request."""

    number: int
    title: str
    head: Tip
    base: Tip
    state: str = "open"
    user: Actor | None = None
    merged: bool | None = None
    updated_at: str = ""

    @property
    def author(self) -> Actor:
        """Who opened it."""
        return self.user or GHOST


@dataclass(frozen=True, slots=True, kw_only=True)
class AppReference:
    """The GitHub App that made a check."""

    id: int
    slug: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check run or a check suite."""

    id: int
    head_sha: str
    app: AppReference | None = None
    external_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRun:
    """A run of a GitHub Actions workflow; `conclusion` is None before it ended."""

    id: int
    head_sha: str
    workflow_id: int = 0
    run_attempt: int = 1
    head_branch: str | None = None
    conclusion: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """The workflow of a run; `path` is its file."""

    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Where the App is installed; most events tell nothing but its id."""

    id: int
    account: Actor | None = None
    repository_selection: str = ""
