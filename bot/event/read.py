"""Reads deliveries into events: minimal shapes, so that what we do not use can neither cost nor break anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypedDict, TypeVar, cast

import msgspec

from bot.event import kinds, shapes
from bot.event.delivery import Delivery, RejectedError
from bot.event.kinds import Event, Ignored
from bot.event.parts import GHOST, Actor, Repository, Workflow

T = TypeVar("T")
# GitHub writes the action first: where that is none of ours, the rest need not be parsed.
_FIRST: Final = re.compile(rb'\s*\{\s*"action"\s*:\s*"([a-z_]{1,64})"\s*,')


def read(delivery: Delivery) -> Event | Ignored:
    """Return the event of `delivery`, or why it is none of ours.

    Raises:
        RejectedError: 400: not JSON, or not of the shape that GitHub documents; the message names the field.
    """
    reader = _READERS.get(delivery.name)
    if reader is None:
        return Ignored(reason=f"`{delivery.name}` events are not read")
    found = _FIRST.match(delivery.body)
    action = found[1].decode() if found else _decoded(shapes.Action, delivery).action
    if reader.actions and action not in reader.actions:
        return Ignored(reason=f"`{delivery.name}` {action or 'without action'} changes nothing for us")
    return reader.event(delivery)


def _decoded(shape: type[T], delivery: Delivery) -> T:
    try:
        return msgspec.json.decode(delivery.body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RejectedError(
            f"The body is no `{delivery.name}` payload: {error}", status=400, counter="malformed"
        ) from error


class _Origin(TypedDict):
    delivery: str
    sender: Actor


class _RepositoryOrigin(_Origin):
    repository: Repository
    installation: int


def _origin(delivery: Delivery, payload: shapes.Payload) -> _Origin:
    return {"delivery": delivery.id, "sender": payload.sender or GHOST}


def _within(delivery: Delivery, payload: shapes.RepositoryPayload) -> _RepositoryOrigin:
    installation = payload.installation.id if payload.installation else 0
    return {**_origin(delivery, payload), "repository": payload.repository, "installation": installation}


def _issues(delivery: Delivery) -> Event:
    it = _decoded(shapes.IssuesPayload, delivery)
    return kinds.IssueChanged(
        **_within(delivery, it),
        action=cast("kinds.IssueAction", it.action),
        issue=it.issue,
        label=it.label.name if it.label else "",
    )


def _issue_comment(delivery: Delivery) -> Event:
    it = _decoded(shapes.IssueCommentPayload, delivery)
    return kinds.IssueCommented(**_within(delivery, it), issue=it.issue, comment=it.comment)


def _pull_request(delivery: Delivery) -> Event:
    it = _decoded(shapes.PullRequestPayload, delivery)
    return kinds.PullRequestChanged(
        **_within(delivery, it),
        action=cast("kinds.PullRequestAction", it.action),
        pull_request=it.pull_request,
        label=it.label.name if it.label else "",
    )


def _review(delivery: Delivery) -> Event:
    it = _decoded(shapes.ReviewPayload, delivery)
    return kinds.ReviewSubmitted(**_within(delivery, it), pull_request=it.pull_request, review=it.review)


def _review_comment(delivery: Delivery) -> Event:
    it = _decoded(shapes.ReviewCommentPayload, delivery)
    return kinds.ReviewCommented(**_within(delivery, it), pull_request=it.pull_request, comment=it.comment)


def _workflow_run(delivery: Delivery) -> Event:
    it = _decoded(shapes.WorkflowRunPayload, delivery)
    return kinds.WorkflowEnded(**_within(delivery, it), run=it.workflow_run, workflow=it.workflow or Workflow())


def _check_run(delivery: Delivery) -> Event:
    it = _decoded(shapes.CheckRunPayload, delivery)
    return kinds.CheckRerequested(**_within(delivery, it), check=it.check_run, suite=False)


def _check_suite(delivery: Delivery) -> Event:
    it = _decoded(shapes.CheckSuitePayload, delivery)
    return kinds.CheckRerequested(**_within(delivery, it), check=it.check_suite, suite=True)


def _installation(delivery: Delivery) -> Event:
    it = _decoded(shapes.InstallationPayload, delivery)
    return kinds.InstallationChanged(
        **_origin(delivery, it),
        action=cast("kinds.InstallationAction", it.action),
        installation=it.installation,
        repositories=it.repositories or (),
    )


def _repositories(delivery: Delivery) -> Event:
    it = _decoded(shapes.RepositoriesPayload, delivery)
    return kinds.RepositoriesChanged(
        **_origin(delivery, it),
        installation=it.installation,
        added=it.repositories_added,
        removed=it.repositories_removed,
    )


def _target(delivery: Delivery) -> Event:
    it = _decoded(shapes.TargetPayload, delivery)
    return kinds.AccountRenamed(
        **_origin(delivery, it), installation=it.installation.id, account=it.account, before=it.changes.login.before
    )


def _ping(delivery: Delivery) -> Event:
    it = _decoded(shapes.PingPayload, delivery)
    return kinds.Ping(**_origin(delivery, it), hook=it.hook_id)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Which actions of a webhook concern us (none named: all), and how it becomes an event."""

    actions: frozenset[str]
    event: Callable[[Delivery], Event]


_READERS: Final = {
    "issues": _Reader(frozenset({"labeled", "unlabeled", "closed", "reopened", "deleted", "transferred"}), _issues),
    "issue_comment": _Reader(frozenset({"created"}), _issue_comment),
    "pull_request": _Reader(frozenset({"closed", "reopened", "synchronize", "labeled"}), _pull_request),
    "pull_request_review": _Reader(frozenset({"submitted"}), _review),
    "pull_request_review_comment": _Reader(frozenset({"created"}), _review_comment),
    "workflow_run": _Reader(frozenset({"completed"}), _workflow_run),
    "check_run": _Reader(frozenset({"rerequested"}), _check_run),
    "check_suite": _Reader(frozenset({"rerequested"}), _check_suite),
    "installation": _Reader(
        frozenset({"created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"}), _installation
    ),
    "installation_repositories": _Reader(frozenset({"added", "removed"}), _repositories),
    "installation_target": _Reader(frozenset({"renamed"}), _target),
    "ping": _Reader(frozenset(), _ping),
}
# What `app.yml` must subscribe to; installation events and pings come unasked.
NAMES: Final = frozenset(_READERS)
