"""The Job: what an event asks for, with a key that is the same however often the event arrives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model.issue import Issue


class JobKind(StrEnum):
    """What is to be done."""

    START = "start"  # a run for an issue: begin, or continue where it stopped
    STOP = "stop"  # the run of an issue, within seconds
    RETRY = "retry"  # one more round of a run that ended unhealthy
    REVISE = "revise"  # what a review or a comment asks for, on the branch of a pull request of ours
    VERIFY = "verify"  # a commit as it is
    STATUS = "status"
    HELP = "help"
    EXPLAIN = "explain"  # answer in words, and do nothing else
    HEAD_MOVED = "head-moved"  # somebody pushed to a branch of ours: the report is stale
    ENDED = "ended"  # a pull request of ours was merged or closed
    ACTIONS_ENDED = "actions-ended"  # our workflow in GitHub Actions has a result
    INSTALLATION = "installation"  # the list of repositories we serve is another now


class Why(StrEnum):
    """Why something is stopped, or not done, where a person would wonder."""

    UNLABELLED = "unlabelled"
    ISSUE_CLOSED = "issue-closed"
    ISSUE_DELETED = "issue-deleted"
    ISSUE_TRANSFERRED = "issue-transferred"
    COMMANDED = "commanded"
    LABEL_ON_PULL_REQUEST = "label-on-pull-request"
    LABEL_BY_BOT = "label-by-bot"
    LABEL_ON_CLOSED_ISSUE = "label-on-closed-issue"
    NO_WRITE_ACCESS = "no-write-access"
    NOT_OUR_PULL_REQUEST = "not-our-pull-request"
    NOT_AN_OPEN_ISSUE = "not-an-open-issue"
    SEVERAL_COMMANDS = "several-commands"
    UNKNOWN_COMMAND = "unknown-command"
    NOTHING_RUNS = "nothing-runs"
    ALREADY_RUNS = "already-runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What an event asks for; JSON-serialisable, so that it can be stored before anybody works on it.

    Attributes:
        key: Of what was asked, not of the asking: the same event, delivered again or found by reconciliation, has it.
        delivery: The webhook delivery it came with, for the log.
        installation: Whose token to work with.
        repository_id: 0 for an installation's jobs. `repository` is its `owner/name` when the event was sent.
        number: The issue or pull request; `on_pull_request` tells which.
        actor: Login of who asked; `actor_is_bot` tells machines.
        at: ISO time of what was asked: text that was edited after it is not read.
        needs_write: To be done only for people with write access, or those the configuration names.
        issue: The issue's visible text as it was when asked, for a start.
        words: What follows the command, or the visible text of the review's body; untrusted.
        comment: Id of the comment that asked, to answer or react to; 0 where none.
        review: Id of the review; 0 where none.
        branch: The branch of the pull request or workflow run, "" where unknown.
        head: The commit it is about, "" where none.
        actions_run: Id of the GitHub Actions run.
        why: The reason of a stop or an explanation.
        meant: For an unknown command: the word, and the command it may have meant ("" where none).
        action: What happened to the installation: `created`, `suspend`, `repositories`, `renamed` ...; to a pull
            request: `merged` or `closed`; the conclusion of an Actions run.
        account: Login of the installation's account.
        added: Repositories (`owner/name`) that came to the installation; `removed`: that went.
    """

    key: str
    kind: JobKind
    delivery: str
    installation: int
    actor: str
    actor_is_bot: bool = False
    repository_id: int = 0
    repository: str = ""
    number: int = 0
    on_pull_request: bool = False
    at: str = ""
    needs_write: bool = False
    issue: Issue | None = None
    words: str = ""
    comment: int = 0
    review: int = 0
    branch: str = ""
    head: str = ""
    actions_run: int = 0
    why: Why | None = None
    meant: tuple[str, str] = ("", "")
    action: str = ""
    account: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What decisions depend on besides the event; known to the server from its start.

    Attributes:
        app_id: The App's id.
        bot: Its login, such as `groundwork[bot]`.
        label: The switch.
        branch_prefix: Of the branches we make.
        workflow: The file of our GitHub Actions workflow.
    """

    app_id: int
    bot: str
    label: str = "infra"
    branch_prefix: str = "groundwork/"
    workflow: str = ".github/workflows/infra-verify.yml"
