"""What each rule's sentence means in real life: many ways of writing it, and near misses."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.check.engine import Options, check_tree
from bot.check.registry import RULES
from tests.data.check.trees import Tree, cases, lay

_BAD = cases("bad")
_GOOD = cases("good")


def _name(case: tuple[str, int, Tree]) -> str:
    return f"{case[0]}-{case[1]}"


@pytest.mark.parametrize("case", _BAD, ids=_name)
def test_every_way_of_writing_it_is_found(case: tuple[str, int, Tree], tmp_path: Path) -> None:
    rule, _, files = case
    result = check_tree(lay(tmp_path, files), Options())
    assert result.notes == ()
    assert rule in {finding.rule for finding in result.findings}


@pytest.mark.parametrize("case", _GOOD, ids=_name)
def test_near_misses_are_not_found(case: tuple[str, int, Tree], tmp_path: Path) -> None:
    rule, _, files = case
    result = check_tree(lay(tmp_path, files), Options())
    assert result.notes == ()
    assert rule not in {finding.rule for finding in result.findings}


def test_every_case_is_for_a_rule_there_is() -> None:
    assert {rule for rule, _, _ in _BAD} <= {rule.name for rule in RULES}
