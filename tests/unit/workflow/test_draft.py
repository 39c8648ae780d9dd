"""A draft and the one that mends it are told together."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from bot.model.brief import Brief
from bot.model.change import Change, PhaseCost, Work
from bot.model.egress import Refusal
from bot.model.finding import Finding, Severity
from bot.model.issue import Issue
from bot.workflow.draft import Draft, Order, StepDrafter
from tests.fakes.ports import ORIGIN, FakeChecker, FakeEngine, FakeWorkspaces, RecordingSteps

OLD = Finding(rule="image-unpinned", code="IM01", severity=Severity.WARNING, path="c", line=1, message="`db` is old.")
NEW = Finding(
    rule="healthcheck-missing", code="HC01", severity=Severity.ERROR, path="c", line=4, message="`api` is not."
)


def test_nothing_that_the_first_draft_said_is_lost_with_the_second() -> None:
    first = Refusal(target="one.example:443", why="not listed", command="curl one.example")
    second = Refusal(target="two.example:443", why="not listed", command="curl two.example")
    implementing = PhaseCost(phase="implementing", usd=1.0)
    before = Draft(
        work=Work(
            engine="claude", unverified=("No cluster ran it.",), refused=(first,), cost_usd=1.0, phases=(implementing,)
        ),
        change=Change(base="a" * 40),
    )
    more = (PhaseCost(phase="repairing", usd=0.25), PhaseCost(phase="implementing", usd=0.25))
    after = Draft(
        work=Work(engine="claude", refused=(first, second), cost_usd=0.5, phases=more), change=Change(base="a" * 40)
    )
    work = before.continued(after).work
    assert work.refused == (first, second)
    assert work.unverified == ("No cluster ran it.",)
    assert work.cost_usd == 1.5
    assert [(one.phase, one.usd) for one in work.phases] == [("implementing", 1.25), ("repairing", 0.25)]


def drafted(scratch: Path, brief: Brief) -> tuple[Draft, FakeEngine]:
    """Let an engine write `more` over `theirs`, in which the rules find something already, a line further down now."""
    workspaces = FakeWorkspaces(scratch, snapshots={ORIGIN: {"compose.yml": "theirs"}})
    checker = FakeChecker({"theirs": (OLD,), "more": (replace(OLD, line=9), NEW), "mended": (replace(OLD, line=9),)})
    engine = FakeEngine(["more", "mended"])
    drafter = StepDrafter(workspaces=workspaces, engine=engine, checker=checker, steps=RecordingSteps())
    order = Order(issue=Issue(title="Add Redis"), brief=brief, head=ORIGIN, base=ORIGIN)
    return asyncio.run(drafter.draft("write", order)), engine


def test_what_the_rules_found_before_is_told_and_left_alone(tmp_path: Path) -> None:
    draft, engine = drafted(tmp_path, Brief())
    assert engine.asked[1] == ("repair", (NEW,), None)
    assert draft.findings == ()
    assert any("find one thing in what was there before (`image-unpinned`)" in said for said in draft.work.confirm)


def test_where_the_issue_asks_for_it_what_was_found_before_is_mended_too(tmp_path: Path) -> None:
    draft, engine = drafted(tmp_path, Brief(wants_mending=True))
    assert engine.asked[1] == ("repair", (replace(OLD, line=9), NEW), None)
    assert draft.findings == (replace(OLD, line=9),)
