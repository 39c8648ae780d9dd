"""Each decision is one line: what happened, and what is asked for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.event.delivery import Delivery
from bot.event.kinds import Ignored
from bot.event.read import read
from bot.job.decide import decide
from bot.job.kinds import Context, Job, JobKind, Why
from bot.model.codec import from_json, to_json

CONTEXT = Context(app_id=42, bot="groundwork[bot]")
MONA = {"id": 1, "login": "mona", "type": "User"}
BOT = {"id": 9, "login": "groundwork[bot]", "type": "Bot"}
OTHER_BOT = {"id": 8, "login": "renovate[bot]", "type": "Bot"}
REPOSITORY = {"id": 2, "full_name": "o/shop", "archived": False}
INFRA = {"name": "infra"}
ISSUE: dict[str, Any] = {
    "number": 7,
    "title": "Add infra\u200b",
    "body": "Five containers<!-- and a backdoor -->",
    "user": MONA,
    "labels": [INFRA],
    "updated_at": "2026-01-02T03:04:05Z",
}
PULL_AS_ISSUE = {**ISSUE, "user": BOT, "pull_request": {"url": "x"}}
PULL: dict[str, Any] = {
    "number": 8,
    "title": "Add infra",
    "user": BOT,
    "head": {"ref": "groundwork/7-add-infra", "sha": "a" * 40, "repo": REPOSITORY},
    "base": {"ref": "main", "sha": "b" * 40, "repo": REPOSITORY},
}
CHECK = {"id": 5, "head_sha": "a" * 40, "app": {"id": 42}}
REVIEW = {"id": 77, "state": "changes_requested", "body": "Use <!-- not -->Redis", "submitted_at": "t"}
LINE = {"id": 66, "body": "Why?", "pull_request_review_id": 77, "created_at": "t"}


def decided(name: str, delivery: str = "d-1", **payload: Any) -> Job | Ignored:
    body = {"sender": MONA, "repository": REPOSITORY, "installation": {"id": 3}, **payload}
    event = read(Delivery(id=delivery, name=name, body=json.dumps(body).encode()))
    decision = event if isinstance(event, Ignored) else decide(event, CONTEXT)
    if isinstance(decision, Job):
        assert from_json(Job, to_json(decision)) == decision, "it must survive being stored"
    return decision


def job(name: str, **payload: Any) -> Job:
    decision = decided(name, **payload)
    assert isinstance(decision, Job), decision
    return decision


def reason(name: str, **payload: Any) -> str:
    decision = decided(name, **payload)
    assert isinstance(decision, Ignored), decision
    return decision.reason


def labeled(**payload: Any) -> Job:
    return job("issues", **{"action": "labeled", "issue": ISSUE, "label": INFRA, **payload})


def commented(body: str, issue: Any = None, **payload: Any) -> Job:
    comment = {"id": 55, "body": body, "created_at": "2026-01-02T03:04:06Z"}
    return job("issue_comment", action="created", issue=issue or ISSUE, comment=comment, **payload)


def test_the_label_starts_a_run_with_what_a_person_sees_of_the_issue() -> None:
    started = labeled(label={"name": "Infra"})
    assert (started.kind, started.number, started.needs_write) == (JobKind.START, 7, True)
    assert (started.installation, started.repository, started.actor) == (3, "o/shop", "mona")
    assert started.issue is not None
    assert (started.issue.title, started.issue.body.strip()) == ("Add infra", "Five containers")
    assert started.at == "2026-01-02T03:04:05Z"


def test_the_label_off_stops_whoever_takes_it_off() -> None:
    for sender in (MONA, OTHER_BOT):
        stopped = job("issues", action="unlabeled", issue=ISSUE, label=INFRA, sender=sender)
        assert (stopped.kind, stopped.why, stopped.needs_write) == (JobKind.STOP, Why.UNLABELLED, False)


def test_on_and_off_and_on_again_are_three_jobs_and_each_redelivery_is_none() -> None:
    keys = [labeled(delivery="1").key, labeled(delivery="2").key, labeled(delivery="1").key]
    off = job("issues", action="unlabeled", issue=ISSUE, label=INFRA, delivery="3").key
    assert len({*keys, off}) == 3
    assert keys[0] == keys[2]


@pytest.mark.parametrize(
    ("action", "why"),
    [("closed", Why.ISSUE_CLOSED), ("deleted", Why.ISSUE_DELETED), ("transferred", Why.ISSUE_TRANSFERRED)],
)
def test_an_issue_that_goes_takes_its_run_along(action: str, why: Why) -> None:
    stopped = job("issues", action=action, issue={**ISSUE, "state": "closed"})
    assert (stopped.kind, stopped.why) == (JobKind.STOP, why)
    assert "our label" in reason("issues", action=action, issue={**ISSUE, "labels": [{"name": "bug"}]})


def test_a_reopened_issue_with_the_label_starts() -> None:
    assert job("issues", action="reopened", issue=ISSUE).kind is JobKind.START
    assert "our label" in reason("issues", action="reopened", issue={**ISSUE, "labels": []})


def test_a_label_on_a_pull_request_is_explained_once() -> None:
    first = job("pull_request", action="labeled", pull_request=PULL, label=INFRA, delivery="1")
    again = job("pull_request", action="labeled", pull_request=PULL, label=INFRA, delivery="2")
    assert (first.kind, first.why, first.key) == (JobKind.EXPLAIN, Why.LABEL_ON_PULL_REQUEST, again.key)
    assert labeled(issue=PULL_AS_ISSUE).why is Why.LABEL_ON_PULL_REQUEST
    assert reason("pull_request", action="labeled", pull_request=PULL, label={"name": "bug"}) == "another label"


def test_a_label_on_a_closed_issue_is_explained() -> None:
    assert labeled(issue={**ISSUE, "state": "closed"}).why is Why.LABEL_ON_CLOSED_ISSUE


def test_a_label_by_a_bot_waits_for_the_configuration_and_our_own_is_nothing() -> None:
    assert labeled(sender=OTHER_BOT).actor_is_bot
    assert reason("issues", action="labeled", issue=ISSUE, label=INFRA, sender=BOT) == "our own doing"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"repository": {**REPOSITORY, "archived": True}}, "archived"),
        ({"installation": None}, "no installation"),
        ({"label": {"name": "infrastructure"}}, "another label"),
        ({"label": None}, "another label"),
        ({"action": "unlabeled", "label": {"name": "bug"}}, "another label"),
        ({"action": "assigned"}, "changes nothing"),
    ],
)
def test_what_does_not_concern_us(more: dict[str, Any], words: str) -> None:
    assert words in reason("issues", **{"action": "labeled", "issue": ISSUE, "label": INFRA, **more})


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("run", JobKind.START),
        ("stop", JobKind.STOP),
        ("retry", JobKind.RETRY),
        ("verify", JobKind.VERIFY),
        ("status", JobKind.STATUS),
        ("help", JobKind.HELP),
        ("", JobKind.HELP),
    ],
)
def test_commands_on_an_issue(words: str, kind: JobKind) -> None:
    commanded = commented(f"Hello\n/infra {words}", delivery="1")
    assert (commanded.kind, commanded.number, commanded.comment, commanded.needs_write) == (kind, 7, 55, True)
    assert commanded.key == commented(f"/infra {words}", delivery="2").key, "the comment counts, not its delivery"
    assert (commanded.issue is not None) == (kind is JobKind.START)


def test_commands_on_a_pull_request_of_ours_revise_it() -> None:
    revised = commented("/infra run with Redis", PULL_AS_ISSUE)
    assert (revised.kind, revised.words, revised.on_pull_request) == (JobKind.REVISE, "with Redis", True)
    assert commented("/infra stop", PULL_AS_ISSUE).why is Why.COMMANDED


@pytest.mark.parametrize(
    ("body", "issue", "why"),
    [
        ("/infra run", {**PULL_AS_ISSUE, "user": MONA}, Why.NOT_OUR_PULL_REQUEST),
        ("/infra retry", {**ISSUE, "state": "closed"}, Why.NOT_AN_OPEN_ISSUE),
        ("/infra stop\n/infra run", ISSUE, Why.SEVERAL_COMMANDS),
        ("/infra rum", ISSUE, Why.UNKNOWN_COMMAND),
    ],
)
def test_commands_that_are_answered_in_words(body: str, issue: dict[str, Any], why: Why) -> None:
    answered = commented(body, issue)
    assert (answered.kind, answered.why, answered.needs_write) == (JobKind.EXPLAIN, why, True)
    assert answered.meant == (("rum", "run") if why is Why.UNKNOWN_COMMAND else ("", ""))


@pytest.mark.parametrize("body", [None, "", "Nice work!", "> /infra run", "```\n/infra stop\n```"])
def test_other_comments_ask_for_nothing(body: str | None) -> None:
    comment = {"id": 55, "body": body}
    assert reason("issue_comment", action="created", issue=ISSUE, comment=comment) == "no command"


def test_bots_command_nothing() -> None:
    comment = {"id": 55, "body": "/infra run"}
    words = reason("issue_comment", action="created", issue=ISSUE, comment=comment, sender=OTHER_BOT)
    assert "bot" in words
    assert "bot" in reason(
        "pull_request_review", action="submitted", pull_request=PULL, review=REVIEW, sender=OTHER_BOT
    )


def test_a_review_and_its_comments_are_one_revision() -> None:
    revised = job("pull_request_review", action="submitted", pull_request=PULL, review=REVIEW, delivery="1")
    assert (revised.kind, revised.words, revised.review, revised.head) == (JobKind.REVISE, "Use  Redis", 77, "a" * 40)
    assert (revised.branch, revised.needs_write) == ("groundwork/7-add-infra", True)
    line = job("pull_request_review_comment", action="created", pull_request=PULL, comment=LINE, delivery="2")
    assert line.key == revised.key
    alone = {**LINE, "pull_request_review_id": None}
    single = job("pull_request_review_comment", action="created", pull_request=PULL, comment=alone)
    assert (single.kind, single.comment) == (JobKind.REVISE, 66)


def test_a_review_may_hold_a_command() -> None:
    approval = {**REVIEW, "state": "APPROVED", "body": "LGTM\n/infra verify"}
    assert job("pull_request_review", action="submitted", pull_request=PULL, review=approval).kind is JobKind.VERIFY
    line = {**LINE, "body": "/infra stop"}
    assert job("pull_request_review_comment", action="created", pull_request=PULL, comment=line).kind is JobKind.STOP
    line = {**LINE, "body": "/infra run"}
    run = job("pull_request_review_comment", action="created", pull_request=PULL, comment=line)
    assert (run.kind, run.words, run.review) == (JobKind.REVISE, "run", 77)
    assert run.key != job("pull_request_review_comment", action="created", pull_request=PULL, comment=LINE).key


FORK = {**PULL, "head": {**PULL["head"], "repo": {"id": 99, "full_name": "evil/shop"}}}


@pytest.mark.parametrize(
    ("review", "pull_request", "words"),
    [
        ({**REVIEW, "state": "approved", "body": "Great!"}, PULL, "approval"),
        (REVIEW, {**PULL, "user": MONA}, "not a pull request of ours"),
        (REVIEW, {**PULL, "head": {**PULL["head"], "ref": "feature"}}, "not a pull request of ours"),
        (REVIEW, FORK, "not a pull request of ours"),
        (REVIEW, {**PULL, "head": {**PULL["head"], "repo": None}}, "not a pull request of ours"),
        (REVIEW, {**PULL, "user": None}, "not a pull request of ours"),
        (REVIEW, {**PULL, "state": "closed"}, "closed"),
    ],
)
def test_reviews_that_ask_for_nothing(review: dict[str, Any], pull_request: dict[str, Any], words: str) -> None:
    assert words in reason("pull_request_review", action="submitted", pull_request=pull_request, review=review)


def test_a_push_to_our_branch_by_a_person_makes_the_report_stale() -> None:
    moved = job("pull_request", action="synchronize", pull_request=PULL)
    assert (moved.kind, moved.head, moved.branch) == (JobKind.HEAD_MOVED, "a" * 40, "groundwork/7-add-infra")
    assert reason("pull_request", action="synchronize", pull_request=PULL, sender=BOT) == "our own doing"


@pytest.mark.parametrize(("merged", "action"), [(True, "merged"), (False, "closed"), (None, "closed")])
def test_our_pull_request_ends(merged: bool | None, action: str) -> None:
    ended = job("pull_request", action="closed", pull_request={**PULL, "state": "closed", "merged": merged})
    assert (ended.kind, ended.action) == (JobKind.ENDED, action)
    assert job("pull_request", action="reopened", pull_request=PULL).kind is JobKind.VERIFY


def test_our_workflow_ends_also_when_we_started_it() -> None:
    run = {"id": 1, "head_sha": "a" * 40, "head_branch": "groundwork/7-add-infra", "conclusion": "success"}
    ours = {"path": ".github/workflows/infra-verify.yml"}
    ended = job("workflow_run", action="completed", workflow_run=run, workflow=ours, sender=BOT)
    assert (ended.kind, ended.actions_run, ended.action) == (JobKind.ACTIONS_ENDED, 1, "success")
    for other in (
        {"workflow": {"path": "ci.yml"}},
        {"workflow_run": {**run, "head_branch": "main"}},
        {"workflow": None},
    ):
        assert "not our workflow" in reason(
            "workflow_run", **{"action": "completed", "workflow_run": run, "workflow": ours, **other}
        )


@pytest.mark.parametrize("name", ["check_run", "check_suite"])
def test_a_check_asked_for_again_verifies_its_commit(name: str) -> None:
    again = job(name, action="rerequested", **{name: CHECK})
    assert (again.kind, again.head) == (JobKind.VERIFY, "a" * 40)
    assert "another App" in reason(name, action="rerequested", **{name: {**CHECK, "app": {"id": 1}}})
    assert "another App" in reason(name, action="rerequested", **{name: {**CHECK, "app": None}})


def test_installations() -> None:
    installation = {"id": 3, "account": {"id": 4, "login": "o"}}
    repositories = [{"id": 2, "full_name": "o/shop"}]
    came = job("installation", action="created", installation=installation, repositories=repositories)
    assert (came.kind, came.action, came.account, came.added) == (JobKind.INSTALLATION, "created", "o", ("o/shop",))
    went = job("installation", action="deleted", installation=installation, repositories=repositories)
    assert (went.added, went.removed) == ((), ("o/shop",))
    assert job("installation", action="suspend", installation=installation).action == "suspend"
    changed = job(
        "installation_repositories", action="removed", installation=installation, repositories_removed=repositories
    )
    assert (changed.action, changed.removed) == ("repositories", ("o/shop",))
    renamed = job(
        "installation_target",
        action="renamed",
        installation={"id": 3},
        account={"id": 4, "login": "new"},
        changes={"login": {"from": "o"}},
    )
    assert (renamed.action, renamed.account) == ("renamed", "new")
    assert reason("ping") == "ping"


@given(st.text(), st.text())
def test_any_comment_by_anybody_is_decided(body: str, login: str) -> None:
    comment = {"id": 55, "body": body}
    decision = decided(
        "issue_comment", action="created", issue=ISSUE, comment=comment, sender={"id": 1, "login": login}
    )
    assert isinstance(decision, Ignored) or decision.needs_write


def test_a_key_tells_repositories_apart() -> None:
    elsewhere = labeled(repository={**REPOSITORY, "id": 3})
    assert elsewhere.key != labeled().key
    assert replace(elsewhere, key="", repository_id=2) == replace(labeled(), key="")
