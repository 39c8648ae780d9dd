"""The README stays true: what it names exists, and what exists is named."""

from __future__ import annotations

import argparse
import importlib
import os
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path
from typing import cast

import pytest

from bot.check.registry import RULES
from bot.cli.main import COMMANDS, Command
from bot.parse.repository_config import KEYS
from bot.settings.server import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SCRIPTS = ("deploy/demo", "tests/run")
# Spans of code, in lines and in blocks of shell: where commands are named.
SPANS = [*re.findall(r"`([^`\n]+)`", README), *re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)]
LINES = [line.strip() for span in SPANS for line in span.splitlines() if line.strip()]
OURS = [line for line in LINES if re.match(r"(\S*/)?groundwork ", line)]


def words_after(line: str) -> list[str]:
    return shlex.split(line.replace("…", ""), comments=True)[1:]


@cache
def options_of(command: str) -> frozenset[str]:
    parser = argparse.ArgumentParser()
    cast("Command", importlib.import_module(COMMANDS[command][0])).add_arguments(parser)
    return frozenset(parser._option_string_actions)


def options_in(text: str) -> list[str]:
    return re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)


@pytest.mark.parametrize("line", OURS)
def test_each_command_named_exists_with_its_options(line: str) -> None:
    command, *rest = words_after(line)
    assert command in COMMANDS
    assert set(options_in(" ".join(rest))) <= options_of(command)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_a_row_with_real_options_and_its_exit_statuses(command: str) -> None:
    rows = re.findall(rf"^\| `groundwork {command}\b.*\|$", README, re.MULTILINE)
    assert len(rows) == 1
    _, named, does, statuses, _ = re.split(r"(?<!\\)\|", rows[0])
    assert set(options_in(named + does)) <= options_of(command)
    assert statuses.strip().startswith("0")


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_script_named_runs_and_knows_its_options(script: str) -> None:
    lines = [line for line in LINES if line.split()[0] == script]
    assert lines, f"the README does not name {script}"
    help_text = subprocess.run([ROOT / script, "--help"], capture_output=True, text=True, check=True).stdout
    for line in lines:
        assert set(options_in(line)) <= set(options_in(help_text)), line


@pytest.mark.parametrize("target", re.findall(r"\]\((?!https?:|#)([^)#\s]+)", README))
def test_each_file_linked_exists(target: str) -> None:
    assert (ROOT / target).exists()


def test_the_first_two_commands_are_the_demo_and_the_tests() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert [block.strip() for block in blocks[:2]] == ["deploy/demo --with-docker", "tests/run"]
    assert all(os.access(ROOT / script, os.X_OK) for script in (*SCRIPTS, ".ci/run"))


def test_the_number_of_rules_is_right() -> None:
    static = [rule for rule in RULES if not rule.name.startswith("escape-")]
    assert set(re.findall(r"(\d+) rules", README)) == {str(len(static))}


def test_each_setting_has_a_row_with_its_real_default() -> None:
    rows = dict(re.findall(r"^\| `GROUNDWORK_([A-Z_]+)` \|.*\| ([^|]+) \|$", README, re.MULTILINE))
    assert set(rows) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        said = rows[name.upper()]
        if isinstance(field.default, (str, int, float, Path)) and field.default != "":
            assert said == f"`{field.default}`", name
        else:
            assert "`" not in said, f"{name} has no default that could be named"


def test_each_key_of_the_repository_configuration_has_a_row() -> None:
    section = README.partition("### A repository's own wishes")[2].partition("\n`/healthz`")[0]
    cells = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `")]
    rows = {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}
    assert rows == set(KEYS)
