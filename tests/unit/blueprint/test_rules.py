"""The product's own rules find nothing in what the product writes."""

from __future__ import annotations

from pathlib import Path

from bot.blueprint.place import place
from bot.blueprint.render import render
from bot.check.engine import Options, check_tree
from tests.unit.blueprint.briefs import covering, words


def test_no_rule_finds_anything_in_any_stack(tmp_path: Path) -> None:
    found = {}
    for number, asked in enumerate(covering()):
        root = tmp_path / str(number)
        files = render(asked)
        place(files, root)
        result = check_tree(root, Options(changed=frozenset(file.path for file in files)))
        if result.findings:
            found[words(asked)] = [f"{one.rule} {one.path}:{one.line} {one.message}" for one in result.findings]
    assert found == {}
