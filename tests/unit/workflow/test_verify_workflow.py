"""The workflow that a run adds: good by every reader's measure, whatever was chosen, and its own after edits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InvalidValueError
from bot.workflow.verify_workflow import CHECKOUT, PATH, VerifyWorkflow
from tests.unit.test_verify_action import ACTION
from tests.unit.workflow.linters import actionlint, against_schema, zizmor

USES = f"acme/groundwork/deploy/actions/verify@{'0' * 40}"
PLAIN = VerifyWorkflow(action=USES)
LABELS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,40}", fullmatch=True)
COMMITS = st.from_regex(r"[0-9a-f]{40}", fullmatch=True)
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,30}", fullmatch=True)


def read(text: str) -> dict[str, Any]:
    loaded = yaml.safe_load(text.replace("\non:", '\n"on":'))
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture
def written(tmp_path: Path) -> Callable[[VerifyWorkflow], Path]:
    def write(workflow: VerifyWorkflow) -> Path:
        path = tmp_path / PATH
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(workflow.text(), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    "workflow",
    [
        PLAIN,
        VerifyWorkflow(action=f"{USES} # v1.2", runner=("self-hosted", "linux", "x64"), timeout=7200, window=600),
        VerifyWorkflow(action=USES, checkout=f"mirror/checkout@{'a' * 40}", runner=("ubuntu-24.04",)),
    ],
    ids=["plain", "own-runner", "mirror"],
)
def test_readers_have_nothing_against_it(written: Callable[[VerifyWorkflow], Path], workflow: VerifyWorkflow) -> None:
    path = written(workflow)
    assert not against_schema(path, "github-workflows")
    assert actionlint(path) == []
    assert zizmor(path) == []


@given(
    name=NAMES,
    commit=COMMITS,
    runner=st.lists(LABELS, min_size=1, max_size=4),
    timeout=st.floats(1, 7200),
    window=st.floats(0, 600),
)
def test_whatever_is_chosen_stands_in_it_and_nothing_else(
    name: str, commit: str, runner: list[str], timeout: float, window: float
) -> None:
    action = f"{name}/groundwork/deploy/actions/verify@{commit}"
    read_back = read(VerifyWorkflow(action=action, runner=tuple(runner), timeout=timeout, window=window).text())
    (job,) = read_back["jobs"].values()
    assert job["runs-on"] == (runner[0] if len(runner) == 1 else runner)
    assert [step["uses"] for step in job["steps"]] == [CHECKOUT.partition(" ")[0], action]
    assert 60 * int(job["timeout-minutes"]) >= timeout + window + 600
    assert read_back["permissions"] == {}
    assert job["permissions"] == {"contents": "read"}
    assert "secrets" not in json.dumps(read_back)
    assert "pull_request_target" not in read_back["on"]


@pytest.mark.parametrize(
    "chosen",
    [
        {"action": "acme/groundwork@main"},
        {"action": f"{USES}\n      - run: id"},
        {"action": "./here"},
        {"action": USES, "checkout": "actions/checkout@v7"},
        {"action": USES, "runner": ()},
        {"action": USES, "runner": ("${{ inputs.x }}",)},
        {"action": USES, "runner": ("a: b",)},
        {"action": USES, "runner": ("a\n",)},
    ],
)
def test_what_is_not_pinned_or_would_mean_another_thing_is_refused(chosen: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError):
        VerifyWorkflow(**chosen)


def test_the_file_stays_current_when_people_change_it_and_not_when_the_choice_does() -> None:
    text = PLAIN.text()
    assert PLAIN.current(text)
    assert PLAIN.current(text.replace("ubuntu-latest", "ubuntu-24.04"))
    assert PLAIN.current(text.replace("\n", "\r\n"))
    assert not VerifyWorkflow(action=USES, timeout=900).current(text)
    assert not PLAIN.current("name: Something else\n")
    assert not PLAIN.current("")


def test_it_gives_the_action_inputs_that_the_action_has() -> None:
    (job,) = read(PLAIN.text())["jobs"].values()
    assert set(job["steps"][-1]["with"]) <= set(ACTION["inputs"])
