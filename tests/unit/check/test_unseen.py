"""Stacks written from the rules' sentences alone: one thing is spoilt, that is found where it stands, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.check.engine import check_tree
from bot.check.registry import RULES
from tests.data.check.trees import Edited, Tree, edited, grounds, lay

_BAD = edited("bad")
_GOOD = edited("good")
_GROUNDS = grounds()


@pytest.mark.parametrize(("name", "files"), _GROUNDS.items(), ids=_GROUNDS)
def test_nothing_is_found_before_anything_is_spoilt(name: str, files: Tree, tmp_path: Path) -> None:
    assert check_tree(lay(tmp_path / name, files)).findings == ()


@pytest.mark.parametrize("case", _BAD, ids=[case.name for case in _BAD])
def test_what_was_spoilt_is_found_on_its_line_and_nothing_else(case: Edited, tmp_path: Path) -> None:
    result = check_tree(lay(tmp_path, case.files))
    assert result.notes == ()
    lines = [case.files[f.path].splitlines()[f.line - 1] for f in result.findings if f.rule == case.find if case.at]
    assert case.find in {finding.rule for finding in result.findings}
    assert not case.at or any(case.at in line for line in lines), lines
    if case.also != ("any",):
        assert {finding.rule for finding in result.findings} <= {case.find, *case.also}


@pytest.mark.parametrize("case", _GOOD, ids=[case.name for case in _GOOD])
def test_another_way_of_writing_it_is_not_found(case: Edited, tmp_path: Path) -> None:
    findings = check_tree(lay(tmp_path, case.files)).findings
    assert [(finding.rule, finding.path, finding.line, finding.message) for finding in findings] == []


def test_nearly_every_rule_is_tried() -> None:
    tried = {case.find for case in _BAD}
    untried = {rule.name for rule in RULES if rule.name not in tried}
    assert untried == {"ci-no-scan", "content-trust", "read-only-fs", "root-readme"}, "of severity info"
