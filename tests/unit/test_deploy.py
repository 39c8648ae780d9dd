"""What runs the server obeys our own rules, and systemd's."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.check.engine import Options, check_tree
from bot.settings.server import Settings
from bot.settings.words import PREFIX

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "deploy/server"
# Where a *project's* stack belongs; and our own source is two folders up, which only this checkout knows.
NOT_ABOUT_US = {"compose-location", "code-outside-src", "escape-remote-source"}


def test_the_servers_own_stack_has_no_finding_of_any_severity(tmp_path: Path) -> None:
    """Judged as a project of ours would be: the server's files at the top of a tree."""
    shutil.copytree(SERVER, tmp_path / "server")
    found = check_tree(tmp_path / "server", Options()).findings
    assert {finding.rule for finding in found} <= NOT_ABOUT_US, found


@pytest.mark.parametrize("name", ["Dockerfile", "docker-compose.yml", "groundwork.service"])
def test_each_setting_named_is_one(name: str) -> None:
    named = set(re.findall(rf"\b{PREFIX}([A-Z_]+)\b", (SERVER / name).read_text(encoding="utf-8")))
    assert named <= {field.upper() for field in Settings.model_fields}


def test_the_unit_is_one_that_systemd_reads_without_a_word() -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    words = ["systemd-analyze", "verify", str(SERVER / "groundwork.service")]
    said = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False).stderr
    ours = [line for line in said.splitlines() if "groundwork" in line and "is not executable" not in line]
    assert ours == []  # it exits with 0 also where it knows a key not


def test_the_container_is_given_no_engine() -> None:
    assert "docker.sock" not in (SERVER / "docker-compose.yml").read_text(encoding="utf-8")
