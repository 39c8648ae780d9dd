"""The house keeps its outside in order: what lies where, and what may not be written anywhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP_LEVEL = {
    "LICENSE",
    "README.md",
    "app.yml",
    "bot",
    "deploy",
    "prompts",
    "pyproject.toml",
    "requirements.lock",
    "tests",
}
# In pieces, or this file would be the first to break the rule.
REGISTRY_HOSTS = re.compile(
    "|".join(
        rf"\b{host}\.{domain}\b"
        for host, domain in (
            ("deb.debian", "org"),
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("registry.npmjs", "org"),
            ("registry-1.docker", "io"),
            ("proxy.golang", "org"),
            ("repo.packagist", "org"),
        )
    )
)


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_top_level_holds_what_it_may_and_nothing_else() -> None:
    assert {name.split("/")[0] for name in tracked() if not name.startswith(".")} <= TOP_LEVEL


def test_no_file_names_a_registry_host() -> None:
    """Registries are reached as each machine's own clients are set up; a host in a file would be somebody else's."""
    found = []
    for name in tracked():
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name}: {match[0]}" for match in REGISTRY_HOSTS.finditer(text)]
    assert not found


def test_the_lock_file_holds_every_dependency_with_hashes() -> None:
    """A package that only a developer's machine has breaks the next fresh one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(it for extra in project["optional-dependencies"].values() for it in extra)]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==\S+ .*\\\n    --hash=sha256:", lock, re.MULTILINE))
    names = {re.sub(r"[._-]+", "-", re.split(r"[\[<>=~ ]", it, maxsplit=1)[0]).lower() for it in wanted}
    assert names <= locked, f"renew requirements.lock: {sorted(names - locked)}"


def test_every_script_is_bash_that_parses_and_stops_at_the_first_failure() -> None:
    scripts = [
        ROOT / name
        for name in tracked()
        if name.startswith(("deploy/", "tests/", ".ci/"))
        and (ROOT / name).read_bytes().startswith(b"#!/usr/bin/env bash")
    ]
    assert len(scripts) >= 5
    for script in scripts:
        assert "\nset -euo pipefail\n" in script.read_text(encoding="utf-8"), script
        parsed = subprocess.run(["bash", "-n", script], capture_output=True, text=True, check=False)
        assert parsed.returncode == 0, parsed.stderr
        assert script.stat().st_mode & 0o100, f"{script} is not executable"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["deploy/demo", "--nonsense"], "unknown option --nonsense"),
        (["deploy/docker-engine", "--nonsense"], "unknown option --nonsense"),
        (["deploy/environment", "somewhere"], "two words are needed"),
        (["tests/standins/build", "oracle"], "there is no stand-in 'oracle'"),
    ],
)
def test_a_script_says_what_it_was_asked_wrongly(words: list[str], said: str) -> None:
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode != 0
    assert said in done.stderr
    assert not done.stdout


def test_without_a_key_the_live_tasks_are_skipped_and_that_is_said() -> None:
    known = {name: value for name, value in os.environ.items() if name != "ANTHROPIC_API_KEY"}
    words = [sys.executable, "-m", "tests.live"]
    done = subprocess.run(words, cwd=ROOT, env=known, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "live: skipped, because ANTHROPIC_API_KEY is not set: no real model was asked\n"


def test_nobody_is_sent_to_a_package_index_for_us() -> None:
    """Under our name there is somebody else's package: whoever follows such a hint runs a stranger's code."""
    hint = re.compile(r"install[^\n]{0,20}\bground" r"work(?:\[|['\"`\s]|$)")
    texts = {name: (ROOT / name).read_text(encoding="utf-8", errors="replace") for name in tracked()}
    assert [name for name, text in texts.items() if hint.search(text)] == []
