"""Good stacks, as people write them: nothing at all is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.check.engine import check_tree
from tests.data.check.trees import Tree, clean, lay

_CLEAN = clean()


@pytest.mark.parametrize(("name", "files"), _CLEAN, ids=[name for name, _ in _CLEAN])
def test_nothing_is_found_in_a_good_stack(name: str, files: Tree, tmp_path: Path) -> None:
    result = check_tree(lay(tmp_path / name, files))
    assert [(finding.rule, finding.path, finding.line, finding.message) for finding in result.findings] == []
    assert result.notes == ()


@pytest.mark.parametrize(("name", "files"), _CLEAN, ids=[name for name, _ in _CLEAN])
def test_nothing_is_found_when_its_src_is_named(name: str, files: Tree, tmp_path: Path) -> None:
    root = lay(tmp_path / name, files)
    if (root / "src").is_dir():
        assert check_tree(root / "src").findings == ()
