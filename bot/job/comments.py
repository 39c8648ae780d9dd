"""What comments and reviews ask for: a command, or the revision of a pull request of ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.command import PREFIX, Command, Verb, parse
from bot.event.kinds import Ignored, IssueCommented, ReviewCommented, ReviewSubmitted
from bot.job.issues import start
from bot.job.kinds import Context, Job, JobKind, Why
from bot.job.origin import base_job, explanation, ours
from bot.model.untrusted import visible

_KINDS: Final = {
    Verb.STOP: JobKind.STOP,
    Verb.RETRY: JobKind.RETRY,
    Verb.VERIFY: JobKind.VERIFY,
    Verb.STATUS: JobKind.STATUS,
    Verb.HELP: JobKind.HELP,
}
_NEEDS_OPEN: Final = frozenset({Verb.RUN, Verb.RETRY})


def comment_job(event: IssueCommented, context: Context) -> Job | Ignored:
    """Decide on a comment on an issue, or in the conversation of a pull request."""
    mark = f"comment-{event.comment.id}"
    command = _asked(event, event.issue.number, event.comment.body, mark)
    if isinstance(command, Ignored):
        return command
    on_pull_request = event.issue.pull_request is not None
    if isinstance(command, Job):
        job = command
    elif on_pull_request and event.issue.author.login.casefold() != context.bot.casefold():
        job = explanation(event, event.issue.number, Why.NOT_OUR_PULL_REQUEST)
    elif event.issue.state != "open" and command.verb in _NEEDS_OPEN:
        job = explanation(event, event.issue.number, Why.NOT_AN_OPEN_ISSUE)
    elif command.verb is Verb.RUN and not on_pull_request:
        job = replace(start(event, mark=mark), words=command.words)
    else:
        job = _commanded(event, event.issue.number, command, mark)
    at = event.comment.created_at
    return replace(job, on_pull_request=on_pull_request, comment=event.comment.id, at=at, needs_write=True)


def review_job(event: ReviewSubmitted, context: Context) -> Job | Ignored:
    """Decide on a submitted review: all its comments make one revision; an approval asks for nothing."""
    refused = _unrevisable(event, context)
    if refused:
        return refused
    number, review = event.pull_request.number, event.review
    mark = f"review-{review.id}"
    asked = _asked(event, number, review.body, mark)
    if isinstance(asked, Command):
        job = _commanded(event, number, asked, mark)
    elif isinstance(asked, Job):
        job = asked
    elif review.state.lower() == "approved":
        return Ignored(reason="an approval asks for nothing")
    else:
        job = replace(base_job(event, JobKind.REVISE, number=number, mark=mark), words=visible(review.body or ""))
    return _on_branch(event, replace(job, review=review.id, at=review.submitted_at or "", needs_write=True))


def review_comment_job(event: ReviewCommented, context: Context) -> Job | Ignored:
    """Decide on a comment on a line; one of a review has that review's key, since its other comments come too."""
    refused = _unrevisable(event, context)
    if refused:
        return refused
    number, comment = event.pull_request.number, event.comment
    mark, review = f"comment-{comment.id}", comment.pull_request_review_id or 0
    asked = _asked(event, number, comment.body, mark)
    if isinstance(asked, Command):
        # A command counts by itself, also in an approval; `words` tell it from the approval's other comments.
        job = _commanded(event, number, replace(asked, words=asked.words or str(asked.verb)), mark)
    elif isinstance(asked, Job):
        job = asked
    else:
        job = base_job(event, JobKind.REVISE, number=number, mark=f"review-{review}" if review else mark)
    job = replace(job, review=review)
    return _on_branch(event, replace(job, comment=comment.id, at=comment.created_at, needs_write=True))


def _unrevisable(event: ReviewSubmitted | ReviewCommented, context: Context) -> Ignored | None:
    if event.sender.is_bot:
        return Ignored(reason="a bot's review asks for nothing")
    if not ours(event.pull_request, context):
        return Ignored(reason="not a pull request of ours")
    if event.pull_request.state != "open":
        return Ignored(reason="the pull request is closed")
    return None


def _asked(
    event: IssueCommented | ReviewSubmitted | ReviewCommented, number: int, body: str | None, mark: str
) -> Command | Job | Ignored:
    """Return the one command in `body`, the job that explains why it is none, or that there is nothing."""
    if event.sender.is_bot:
        return Ignored(reason="a bot's comment commands nothing")
    # Most comments end here, unparsed; a command spelt with invisible characters is none.
    if body is None or PREFIX not in body.lower():
        return Ignored(reason="no command")
    commands = parse(body)
    if not commands:
        return Ignored(reason="no command")
    if len(set(commands)) > 1:
        return explanation(event, number, Why.SEVERAL_COMMANDS, mark=mark)
    only = commands[0]
    if isinstance(only, Command):
        return only
    return replace(explanation(event, number, Why.UNKNOWN_COMMAND, mark=mark), meant=(only.word, only.meant or ""))


def _commanded(
    event: IssueCommented | ReviewSubmitted | ReviewCommented, number: int, command: Command, mark: str
) -> Job:
    # On a pull request of ours, to run is to revise.
    job = base_job(event, _KINDS.get(command.verb, JobKind.REVISE), number=number, mark=mark)
    return replace(job, words=command.words, why=Why.COMMANDED if job.kind is JobKind.STOP else None)


def _on_branch(event: ReviewSubmitted | ReviewCommented, job: Job) -> Job:
    head = event.pull_request.head
    return replace(job, on_pull_request=True, branch=head.ref, head=head.sha)
