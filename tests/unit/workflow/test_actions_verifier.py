"""A verification in GitHub Actions, against fakes: what is waited for, believed, and said."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import InvalidValueError
from bot.model.actions_run import ActionsRun, Trouble
from bot.model.health import HealthReport, Outcome
from bot.workflow.actions_verifier import ActionsVerifier
from bot.workflow.actions_wait import Patience
from tests.fakes.actions import FakeActions, FakeMail
from tests.fakes.ports import RecordingSteps

HASTE = Patience(first=10, longest=10, appear=30, queue=60, run=60)
QUEUED = ActionsRun(id=7, status="queued")
ENDED = ActionsRun(id=7, status="completed", conclusion="success")
HEALTHY = HealthReport(outcome=Outcome.HEALTHY, commit="c0ffee")


def reads(data: bytes, commit: str, run: ActionsRun) -> HealthReport:
    del commit, run
    if data == b"forged":
        raise InvalidValueError("it is about another commit")
    return HEALTHY


def proved(actions: FakeActions, mail: FakeMail, *, again: bool = False) -> tuple[HealthReport, list[str]]:
    steps = RecordingSteps()
    verifier = ActionsVerifier(actions=actions, steps=steps, mail=mail, read=reads, again=again, patience=HASTE)
    return asyncio.run(verifier.prove("verify-2", "groundwork/12", "c0ffee")), steps.names


def test_the_report_is_the_artifacts_and_the_step_that_people_know_holds_it() -> None:
    mail = FakeMail()
    report, ran = proved(FakeActions([(), (QUEUED,), (ENDED,)], b"honest"), mail)
    assert report == HEALTHY
    assert ran == ["begin-2", "look-2", "look-2", "look-2", "verify-2"]
    assert mail.waits == [10, 10]


def test_messages_do_not_shorten_the_patience() -> None:
    mail = FakeMail(messages=[{"kind": "ended"}] * 20)
    report, _ = proved(FakeActions([()]), mail)
    assert report.outcome is Outcome.UNVERIFIED
    assert len(mail.waits) == 20 + 3


def test_another_attempt_is_asked_for_once_and_waited_for() -> None:
    actions = FakeActions([(ENDED,)], b"honest")
    report, _ = proved(actions, FakeMail(), again=True)
    assert (report, actions.again) == (HEALTHY, [7])


def test_an_attempt_that_is_under_way_is_not_asked_for_again() -> None:
    actions = FakeActions([(QUEUED,), (QUEUED,), (ENDED,)], b"honest")
    report, _ = proved(actions, FakeMail(), again=True)
    assert (report, actions.again) == (HEALTHY, [])


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        (FakeActions([(ENDED,)], b"forged"), "is not believed: it is about another commit"),
        (FakeActions([(ENDED,)], InvalidValueError("it is larger than 9 bytes")), "it is larger than 9 bytes"),
        (FakeActions([(ENDED,)]), "ended without a report"),
        (FakeActions([(ActionsRun(id=7, conclusion="cancelled"),)], b"honest"), "was cancelled"),
        (FakeActions([(ActionsRun(id=7, conclusion="of the future"),)], b"honest"), "ended without a report"),
        (FakeActions([(QUEUED,)], b"honest"), "no runner took the job"),
        (FakeActions([()], b"honest"), "started no workflow"),
        (FakeActions([()], told=Trouble(on_branch=False, may_add=False)), "may not write workflow files"),
    ],
    ids=["forged", "huge", "empty", "cancelled", "unknown", "queued", "absent", "may not"],
)
def test_what_left_nothing_to_believe_is_never_healthy(actions: FakeActions, said: str) -> None:
    report, _ = proved(actions, FakeMail())
    assert report.outcome is Outcome.UNVERIFIED
    assert report.commit == "c0ffee"
    assert report.cause
    assert said in report.cause.title
    assert report.cause.next_step
