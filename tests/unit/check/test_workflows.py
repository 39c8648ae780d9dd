"""Workflow files: audited with zizmor where a run wrote them, or where somebody asks."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path

import pytest

from bot.check.engine import Options, check_tree
from bot.model.finding import Severity
from tests.data.check.trees import lay

pytestmark = pytest.mark.skipif(
    shutil.which("zizmor", path=sysconfig.get_path("scripts")) is None, reason="zizmor is an optional part"
)

_WORKFLOW = """on: issues
permissions: {}
jobs:
  greet:
    runs-on: ubuntu-24.04
    steps:
      - run: echo "${{ github.event.issue.title }}"
"""
_PATH = ".github/workflows/greet.yml"


def _rules(root: Path, options: Options) -> dict[str, tuple[str, int, Severity]]:
    return {f.rule: (f.path, f.line, f.severity) for f in check_tree(root, options).findings}


def test_an_injection_is_found_where_it_is_written(tmp_path: Path) -> None:
    found = _rules(lay(tmp_path, {_PATH: _WORKFLOW}), Options(workflows=True))
    assert found["zizmor-template-injection"] == (_PATH, 7, Severity.ERROR)


def test_a_run_that_wrote_it_has_it_audited(tmp_path: Path) -> None:
    root = lay(tmp_path, {_PATH: _WORKFLOW})
    assert "zizmor-template-injection" in _rules(root, Options(changed=frozenset({_PATH})))
    assert _rules(root, Options(changed=frozenset({"src/x"}))) == {}
    assert _rules(root, Options()) == {}
