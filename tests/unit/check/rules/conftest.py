"""One rule on a tree that is written down as file names and texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding

Check = Callable[..., list[Finding]]


@pytest.fixture
def findings(tmp_path: Path) -> Check:
    """Return a function that writes files and runs a rule on them; a name that ends in `/` is an empty folder."""

    def run(rule: Rule, files: Mapping[str, str], *, changed: frozenset[str] | None = None) -> list[Finding]:
        root = tmp_path / "repository"
        root.mkdir(exist_ok=True)
        for name, text in files.items():
            path = root / name
            if name.endswith("/"):
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).lstrip("\n"), encoding="utf-8", newline="")
        return list(rule.check(Tree(root, changed=changed)))

    return run


@pytest.fixture
def fixed(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Return a function that applies a rule's safe fixes and returns the files that changed; nothing may be left."""

    def run(rule: Rule, files: Mapping[str, str]) -> dict[str, str]:
        from bot.check.engine import Options
        from bot.check.fixing import fix_tree

        root = tmp_path / "fixed"
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).lstrip("\n"), encoding="utf-8", newline="")
        done = fix_tree(root, Options(select=(rule.name,)))
        assert [finding.message for finding in done.result.findings] == []
        return dict(done.texts)

    return run
