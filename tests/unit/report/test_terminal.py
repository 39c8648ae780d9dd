"""The closing summary in a terminal: plain lines, no codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from bot.model.health import Outcome
from bot.report.terminal import health_summary, run_summary
from tests.unit.report import proposals, reports
from tests.unit.report.hostile import proposal_of
from tests.unit.report.reading import hostile


@pytest.mark.parametrize("name", list(reports.ALL))
def test_text(name: str, snapshot: SnapshotAssertion) -> None:
    assert health_summary(reports.ALL[name]) == snapshot


@pytest.mark.parametrize("name", list(proposals.ALL))
def test_text_of_a_run(name: str, snapshot: SnapshotAssertion) -> None:
    assert run_summary(proposals.ALL[name], "../shop-groundwork/add-infrastructure") == snapshot


def test_the_columns_stand_under_their_titles() -> None:
    lines = health_summary(reports.HEALTHY).split("\n")
    header = next(line for line in lines if "service" in line and "verdict" in line)
    row = next(line for line in lines if "postgres" in line)
    # An emoji takes two columns and one character.
    assert row.index("2.1 s") + 1 == header.index("healthy after")


@given(hostile, st.sampled_from(Outcome))
def test_no_text_reaches_the_terminal_as_a_code(words: str, outcome: Outcome) -> None:
    text = run_summary(proposal_of(words, outcome, times=2), words)
    assert all(line.isprintable() for line in text.split("\n"))
