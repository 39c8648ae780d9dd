"""The Proposal: all that a pull request and its report say, as values; rendered by `bot.report`, posted by a forge."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.brief import Brief
from bot.model.change import Change, Work
from bot.model.finding import Finding
from bot.model.health import HealthReport
from bot.model.issue import Issue
from bot.model.stack import Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Where a run starts.

    Attributes:
        commit: The commit of the base branch that was checked out, 40 hex digits.
        head: The commit to build on: the tip of `branch` where an earlier attempt left one, else `commit`.
        branch: The branch of this run, such as `groundwork/12-add-infra`.
        base_branch: Its base, such as `main`; "" for a detached HEAD.
        notes: What a person should know of it ("uncommitted changes are not part of this run"), one sentence each.
        behind: How many commits of the base branch `head` lacks.
        merged: Whether this run merged the base branch into it, so that `head` is a commit of its own.
    """

    commit: str
    head: str
    branch: str
    base_branch: str
    notes: tuple[str, ...] = ()
    behind: int = 0
    merged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """What became of a merge: the `commit` with both parents, or why there is none.

    Attributes:
        conflicts: The paths on which the two sides disagree, sorted.
        impossible: Why git could not even try, one clause; "" where it could.
    """

    commit: str = ""
    conflicts: tuple[str, ...] = ()
    impossible: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One round of write, check, verify: a row in the report.

    Attributes:
        number: From 1.
        commit: What was verified, "" where nothing was committed.
        outcome: The verification's outcome, as in `HealthReport.outcome`.
        words: What it showed, one clause.
        seconds: How long the round took.
    """

    number: int
    commit: str
    outcome: str
    words: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A pull request with its proof.

    Attributes:
        base: Where the run started.
        head: The commit that is proposed and that `health` is bound to.
        draft: Not healthy, so not ready for review.
        stack: The services, read from the compose file that is proposed; None where there is none.
        findings: What the rules still find.
        attempts: In order.
    """

    base: Base
    head: str
    title: str
    draft: bool
    issue: Issue
    brief: Brief
    stack: Stack | None
    work: Work
    change: Change
    findings: tuple[Finding, ...]
    health: HealthReport
    attempts: tuple[Attempt, ...] = ()
