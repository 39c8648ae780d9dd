"""The action's description and its page: as GitHub reads them, and true to each other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.model.artifact import NAME
from bot.model.health import Outcome
from tests.unit.workflow.linters import actionlint, against_schema, zizmor

FOLDER = Path(__file__).parents[2] / "deploy/actions/verify"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
ACTION: dict[str, Any] = yaml.safe_load((FOLDER / "action.yml").read_text(encoding="utf-8"))
(EXAMPLE, UPLOAD) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The page's workflow, as somebody would commit it."""
    path = tmp_path / ".github/workflows/verify.yml"
    path.parent.mkdir(parents=True)
    path.write_text(EXAMPLE.replace("COMMIT", "0" * 40), encoding="utf-8")
    return path


def test_github_can_read_the_action() -> None:
    assert not against_schema(FOLDER / "action.yml", "github-actions")


def test_an_auditor_has_nothing_against_the_action() -> None:
    assert zizmor(FOLDER / "action.yml") == []


def test_the_workflow_on_the_page_is_a_good_one(example: Path) -> None:
    assert not against_schema(example, "github-workflows")
    assert actionlint(example) == []
    assert zizmor(example) == []


def test_the_step_for_code_scanning_fits_into_that_workflow(example: Path) -> None:
    step = UPLOAD.replace("COMMIT", "0" * 40)
    both = example.read_text(encoding="utf-8").replace(
        "        with:\n          timeout", "        id: groundwork\n        with:\n          timeout"
    )
    example.write_text(both + step, encoding="utf-8")
    assert actionlint(example) == []


@pytest.mark.parametrize("kind", ["inputs", "outputs"])
def test_the_page_names_every_input_and_output_with_its_default(kind: str) -> None:
    heading = kind.removesuffix("s")
    table = PAGE.split(f"| {heading} |")[1].split("\n\n")[0]
    named = dict(re.findall(r"^\| `([a-z-]+)` \| .*?(?:\| `([^`|]*)` )?\|$", table, re.MULTILINE))
    wanted = {name: it.get("default", "") for name, it in ACTION[kind].items()}
    assert named == wanted


def test_the_verdicts_on_the_page_are_the_outcomes() -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith("| `verdict` |"))
    # An interrupted job has no outputs to tell it in.
    assert set(re.findall(r"`([a-z-]+)`", row)) - {"verdict"} == {it.value for it in Outcome} - {"interrupted"}


def test_the_artifact_has_the_name_that_the_app_looks_for() -> None:
    assert ACTION["inputs"]["artifact"]["default"] == NAME


def test_no_input_is_pasted_into_a_script() -> None:
    scripts = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]
    assert scripts
    assert not [script for script in scripts if "${{" in script]
