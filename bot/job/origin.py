"""What every job takes from its event: where, who, and a key."""

from __future__ import annotations

from dataclasses import replace

from bot.event.kinds import RepositoryOrigin
from bot.event.parts import PullRequest
from bot.job.kinds import Context, Job, JobKind, Why


def base_job(event: RepositoryOrigin, kind: JobKind, *, number: int, mark: str) -> Job:
    """Return a job in the event's repository; `mark` tells this asking from every other for the same number.

    A mark is the id of the comment, review or commit that asks, where there is one: a lost webhook that is found again
    by looking has another delivery id. A delivery id, which GitHub keeps when it delivers again, marks the rest.
    """
    return Job(
        key=f"{kind}/{event.repository.id}/{number}/{mark}",
        kind=kind,
        delivery=event.delivery,
        installation=event.installation,
        repository_id=event.repository.id,
        repository=event.repository.full_name,
        number=number,
        actor=event.sender.login,
        actor_is_bot=event.sender.is_bot,
    )


def explanation(event: RepositoryOrigin, number: int, why: Why, *, mark: str = "") -> Job:
    """Return the job that explains `why`; where no `mark` is given, once for each issue, however often it is tried."""
    return replace(base_job(event, JobKind.EXPLAIN, number=number, mark=mark or why.value), why=why)


def same_label(name: str, context: Context) -> bool:
    """Return whether `name` is our label; GitHub compares without case."""
    return name.casefold() == context.label.casefold()


def by_us(event: RepositoryOrigin, context: Context) -> bool:
    """Return whether we did it ourselves."""
    return event.sender.login.casefold() == context.bot.casefold()


def ours(pull_request: PullRequest, context: Context) -> bool:
    """Return whether the pull request is one we made: our branch, in the same repository, opened by our bot."""
    head, base = pull_request.head, pull_request.base
    return (
        pull_request.author.login.casefold() == context.bot.casefold()
        and head.ref.startswith(context.branch_prefix)
        and head.repo is not None
        and base.repo is not None
        and head.repo.id == base.repo.id
    )
