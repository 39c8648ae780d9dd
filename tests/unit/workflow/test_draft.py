"""A draft and the one that mends it are told together."""

from __future__ import annotations

from bot.model.change import Change, Work
from bot.model.egress import Refusal
from bot.workflow.draft import Draft


def test_nothing_that_the_first_draft_said_is_lost_with_the_second() -> None:
    first = Refusal(target="one.example:443", why="not listed", command="curl one.example")
    second = Refusal(target="two.example:443", why="not listed", command="curl two.example")
    before = Draft(
        work=Work(engine="claude", unverified=("No cluster ran it.",), refused=(first,), cost_usd=1.0),
        change=Change(base="a" * 40),
    )
    after = Draft(work=Work(engine="claude", refused=(first, second), cost_usd=0.5), change=Change(base="a" * 40))
    work = before.continued(after).work
    assert work.refused == (first, second)
    assert work.unverified == ("No cluster ran it.",)
    assert work.cost_usd == 1.5
