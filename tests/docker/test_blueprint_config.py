"""Compose itself accepts what is rendered, with the example's values."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bot.blueprint.place import place
from bot.blueprint.render import render
from tests.unit.blueprint.briefs import covering, words

pytestmark = pytest.mark.docker


def test_compose_accepts_every_stack(tmp_path: Path) -> None:
    refused = {}
    for number, asked in enumerate(covering()):
        place(render(asked), tmp_path / str(number))
        done = subprocess.run(
            ["docker", "compose", "--env-file", ".env.example", "config", "--quiet"],
            cwd=tmp_path / str(number) / "src",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode or done.stderr:
            refused[words(asked)] = done.stderr
    assert refused == {}
