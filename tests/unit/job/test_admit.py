"""Who may ask for what, and what people read where nothing is done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.event.kinds import Ignored
from bot.job.admit import Permission, Standing, admit
from bot.job.kinds import Context, Job, JobKind, Why
from bot.job.words import explain, help_text
from bot.model.issue import Issue

START = Job(
    key="start/2/7/d-1",
    kind=JobKind.START,
    delivery="d-1",
    installation=3,
    repository_id=2,
    number=7,
    actor="mona",
    needs_write=True,
    issue=Issue(title="x", body="secret plan"),
)
WRITER = Standing(permission="write")


def admitted(job: Job, standing: Standing) -> Job:
    found = admit(job, standing)
    assert isinstance(found, Job), found
    return found


@pytest.mark.parametrize("permission", ["admin", "maintain", "write"])
def test_people_with_write_access_are_heard(permission: Permission) -> None:
    assert admit(START, Standing(permission=permission)) == START


@pytest.mark.parametrize("permission", ["triage", "read", "none"])
def test_others_are_told_once_for_each_issue(permission: Permission) -> None:
    first = admitted(START, Standing(permission=permission))
    second = admitted(replace(START, key="start/2/7/d-2", delivery="d-2"), Standing(permission=permission))
    assert (first.kind, first.why, first.issue) == (JobKind.EXPLAIN, Why.NO_WRITE_ACCESS, None)
    assert first.key == second.key
    assert admit(START, Standing(permission=permission, named=True)) == START


def test_questions_of_strangers_are_not_answered() -> None:
    for kind in (JobKind.STATUS, JobKind.HELP, JobKind.EXPLAIN):
        assert isinstance(admit(replace(START, kind=kind), Standing(permission="read")), Ignored)


def test_a_bot_starts_a_run_only_where_it_is_named() -> None:
    by_bot = replace(START, actor="triage[bot]", actor_is_bot=True)
    assert admitted(by_bot, Standing(permission="admin")).why is Why.LABEL_BY_BOT
    assert admit(by_bot, Standing(permission="none", named=True)) == by_bot


def test_one_run_at_a_time() -> None:
    running = replace(WRITER, running=True)
    assert admit(START, running) == Ignored(reason="a run of this issue is on")
    assert admitted(replace(START, comment=55), running).why is Why.ALREADY_RUNS


def test_a_stop_where_nothing_runs() -> None:
    stop = replace(START, kind=JobKind.STOP, needs_write=False)
    assert isinstance(admit(stop, Standing(permission="none")), Ignored)
    assert admit(stop, Standing(permission="none", running=True)) == stop
    commanded = replace(stop, comment=55, needs_write=True)
    assert admitted(commanded, WRITER).why is Why.NOTHING_RUNS
    assert admitted(commanded, Standing(permission="read", running=True)).why is Why.NO_WRITE_ACCESS


def test_the_comments_of_an_approval_start_nothing() -> None:
    revise = replace(START, kind=JobKind.REVISE, comment=55)
    assert isinstance(admit(revise, replace(WRITER, approved=True)), Ignored)
    commanded = replace(revise, words="run")
    assert admit(commanded, replace(WRITER, approved=True)) == commanded
    assert admit(revise, replace(WRITER, running=True)) == revise, "a review that comes meanwhile is queued, not lost"


@pytest.mark.parametrize("why", list(Why))
def test_every_reason_has_its_words(why: Why, context: Context) -> None:
    words = explain(replace(START, why=why, meant=("rum", "run")), context)
    assert words[0].isupper() or words.startswith(("@", "`"))
    assert words.endswith((".", "?"))
    assert "{" not in words
    assert len(words) < 300


def test_a_misspelt_command_cannot_smuggle_markup_into_our_words(context: Context) -> None:
    job = replace(START, why=Why.UNKNOWN_COMMAND, meant=("`@everyone`<img>", ""))
    words = explain(job, context)
    assert "@" not in words
    assert "<" not in words
    assert "`/infra everyoneimg` is no command." in words
    assert help_text() in words
    assert (
        explain(replace(job, meant=("rum", "run")), context) == "`/infra rum` is no command. Did you mean `/infra run`?"
    )


def test_what_has_no_reason_cannot_be_explained(context: Context) -> None:
    with pytest.raises(ValueError, match="nothing to explain"):
        explain(START, context)
