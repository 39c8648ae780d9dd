"""Whatever is cut out of a tree or put into it, no rule raises, and findings stand inside their files."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.check.registry import RULES
from bot.check.tree import Tree
from bot.parse.source import Source

_BLOCK = re.compile(r'^```\w*[ \t]+title="([^"]+)"[^\n]*\n(.*?)^```', re.MULTILINE | re.DOTALL)
_JUNK = (
    "",
    "\n",
    "\\\n",
    "{",
    "}",
    "[",
    "'",
    '"',
    "$",
    "${",
    "<<EOF\n",
    "&& ",
    "| ",
    ": ",
    "#",
    "\x00",
    "é",
    "*",
    "../",
    "\t",
    "COPY . .\n",
)
_TREES = [dict(_BLOCK.findall(rule.page())) for rule in RULES]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_rule_raises(data: st.DataObject) -> None:
    files = dict(data.draw(st.sampled_from(_TREES)))
    files.update(data.draw(st.sampled_from(_TREES)))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(sorted(files)))
        text = files[path]
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 30)))
        files[path] = text[:start] + data.draw(st.sampled_from(_JUNK)) + text[end:]
    with tempfile.TemporaryDirectory() as name:
        for path, text in files.items():
            place = Path(name) / path
            if path.endswith("/"):
                place.mkdir(parents=True, exist_ok=True)
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="")
        tree = Tree(Path(name))
        for rule in RULES:
            for finding in rule.check(tree):
                source = tree.read(finding.path) or Source(finding.path, "")
                assert 1 <= finding.line <= max(len(source.line_starts), 1)
                for edit in finding.fix.edits if finding.fix else ():
                    length = len((tree.read(edit.path) or Source(edit.path, "")).text)
                    assert 0 <= edit.start <= edit.end <= length
