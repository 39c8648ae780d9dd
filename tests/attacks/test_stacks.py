"""Stacks that ask for the host: refused as a user sees it, by the command, before any container is made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attacks.table import Attack, attacks

BY_STACKS = [attack for attack in attacks() if attack.rule.startswith("escape-")]
REFUSED = 4


@pytest.mark.docker
@pytest.mark.parametrize("attack", BY_STACKS, ids=lambda it: it.id)
def test_a_stack_that_could_leave_its_box_is_refused(attack: Attack, tmp_path: Path) -> None:
    tree, report = tmp_path / f"attacked-{os.getpid()}", tmp_path / "report.json"
    (tree / "src").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tree / "src/link").symlink_to(tmp_path / "outside")
    (tree / "src/docker-compose.yml").write_text(
        f"{attack.text}\nservices:\n  a:\n    image: nginx:1.27-alpine\n    {attack.service}\n"
    )
    words = [sys.executable, "-m", "bot", "verify", str(tree), "--json", str(report)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == REFUSED, done.stdout + done.stderr
    told = json.loads(report.read_text())
    assert attack.rule in {finding["rule"] for finding in told["findings"]}
    assert told["services"] == []
    assert told["builds"] == []
