"""Every rule's page is executed.

A page is `bot/check/rules/<name>.md`, beside the rule. Under `## Bad` and `## Good` stand fenced blocks, each with the
path of a file: ```` ```yaml title="src/docker-compose.yml" ````. All blocks under one heading are one tree; a line `---`
alone between blocks begins another tree. A block whose title ends in `/` is an empty folder. Each bad tree yields the
rule. Each good tree yields no finding of it, nor, when only this rule is selected, anything else.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.check.engine import Options, check_tree
from bot.check.registry import RULES
from bot.check.rule import Rule

_BLOCK = re.compile(r'^(`{3,})\w*[ \t]+title="([^"]+)"[^\n]*\n(.*?)^\1[ \t]*$', re.MULTILINE | re.DOTALL)
_NAMES = [rule.name for rule in RULES]


def _section(page: str, heading: str) -> str:
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def _trees(page: str, heading: str) -> list[dict[str, str]]:
    section = _section(page, heading)
    trees: list[dict[str, str]] = [{}]
    last = 0
    for block in _BLOCK.finditer(section):
        if re.search(r"^---$", section[last : block.start()], re.MULTILINE):
            trees.append({})
        trees[-1][block[2]] = block[3]
        last = block.end()
    return [tree for tree in trees if tree]


def _lay(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        place = root / path
        if path.endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize("rule", RULES, ids=_NAMES)
def test_a_page_says_what_why_bad_good_and_how(rule: Rule) -> None:
    page = rule.page()
    title = rule.name if rule.code == rule.name else f"{rule.code} {rule.name}"
    assert page.startswith(f"# {title}\n")
    for heading in ("Why", "Bad", "Good", "How to fix", "How to silence"):
        assert _section(page, heading).strip(), f"{rule.name}: nothing under ## {heading}"
    assert _trees(page, "Bad"), f"{rule.name}: no bad tree"
    assert _trees(page, "Good"), f"{rule.name}: no good tree"


@pytest.mark.parametrize("rule", RULES, ids=_NAMES)
def test_every_bad_tree_of_a_page_is_found(rule: Rule, tmp_path: Path) -> None:
    for number, files in enumerate(_trees(rule.page(), "Bad")):
        root = _lay(tmp_path / str(number), files)
        result = check_tree(root, Options())
        assert result.notes == ()
        assert rule.name in {finding.rule for finding in result.findings}, files


@pytest.mark.parametrize("rule", RULES, ids=_NAMES)
def test_no_good_tree_of_a_page_is_found(rule: Rule, tmp_path: Path) -> None:
    for number, files in enumerate(_trees(rule.page(), "Good")):
        root = _lay(tmp_path / str(number), files)
        result = check_tree(root, Options(select=(rule.name,)))
        assert result.notes == ()
        assert result.findings == ()


def test_names_and_codes_are_unique_and_well_formed() -> None:
    assert len(set(_NAMES)) == len(_NAMES)
    codes = [rule.code for rule in RULES]
    assert len(set(codes)) == len(codes)
    for rule in RULES:
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", rule.name)
        assert rule.code == rule.name or re.fullmatch(r"[A-Z]{2,4}\d\d", rule.code)
        assert rule.summary
        assert not rule.summary.endswith(".")
