"""What changes of an issue ask for: the label is a switch, and an issue that goes takes its run along."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.event.kinds import Ignored, IssueChanged, IssueCommented, PullRequestChanged
from bot.event.parts import Issue as IssueView
from bot.job.kinds import Context, Job, JobKind, Why
from bot.job.origin import base_job, explanation, same_label
from bot.model.issue import Issue
from bot.model.untrusted import visible

_STOPPED_BY: Final = {
    "closed": Why.ISSUE_CLOSED,
    "deleted": Why.ISSUE_DELETED,
    "transferred": Why.ISSUE_TRANSFERRED,
}


def issue_job(event: IssueChanged, context: Context) -> Job | Ignored:
    """Decide on a label that came or went, or an issue that did."""
    if event.action == "labeled":
        return _labelled(event) if same_label(event.label, context) else _other_label()
    if event.action == "unlabeled":
        return _stop(event, Why.UNLABELLED) if same_label(event.label, context) else _other_label()
    if not any(same_label(label.name, context) for label in event.issue.labels):
        return Ignored(reason="the issue does not carry our label")
    if event.action == "reopened":
        return start(event, mark=event.delivery)
    return _stop(event, _STOPPED_BY[event.action])


def _labelled(event: IssueChanged) -> Job | Ignored:
    if event.issue.pull_request is not None:
        return label_on_pull_request(event, event.issue.number)
    if event.issue.state != "open":
        return explanation(event, event.issue.number, Why.LABEL_ON_CLOSED_ISSUE)
    return start(event, mark=event.delivery)


def _other_label() -> Ignored:
    return Ignored(reason="another label")


def label_on_pull_request(event: IssueChanged | PullRequestChanged, number: int) -> Job:
    """Explain that the label belongs on an issue."""
    return replace(explanation(event, number, Why.LABEL_ON_PULL_REQUEST), on_pull_request=True)


def start(event: IssueChanged | IssueCommented, *, mark: str) -> Job:
    """Return the job that starts or continues the run of the event's issue, with its text as it is now."""
    job = base_job(event, JobKind.START, number=event.issue.number, mark=mark)
    return replace(job, needs_write=True, at=event.issue.updated_at, issue=_text(event.issue))


def _text(issue: IssueView) -> Issue:
    """Return what a person sees of the issue."""
    return Issue(title=visible(issue.title), body=visible(issue.body or ""), number=issue.number)


def _stop(event: IssueChanged, why: Why) -> Job:
    # Whoever may take the label off or close the issue may stop its run: stopping harms nothing.
    job = base_job(event, JobKind.STOP, number=event.issue.number, mark=event.delivery)
    return replace(job, why=why, at=event.issue.updated_at)
