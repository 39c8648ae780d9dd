"""The workflow for a stack: what reads workflows finds nothing, and what it waits for is what matters."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from bot.blueprint.choice import choose
from bot.blueprint.ci import CI_PATH, ci_file
from bot.blueprint.engine import BlueprintEngine
from bot.blueprint.library import shipped
from bot.blueprint.render import render_choice
from bot.check.engine import Options, check_tree
from bot.model.brief import Brief
from bot.model.issue import Issue
from tests.unit.blueprint.briefs import SHOP, brief, covering
from tests.unit.workflow.linters import actionlint, against_schema, zizmor

ISSUE = Issue(title="Add the infrastructure, and CI")


@cache
def workflow(asked: Brief) -> str:
    choice = choose(asked, shipped())
    return ci_file(choice, render_choice(choice, shipped()), shipped()).content.decode()


def read(asked: Brief) -> dict[str, Any]:
    form: dict[str, Any] = yaml.safe_load(workflow(asked))
    return form


def shapes() -> list[str]:
    """Every workflow that some stack has, but for names: what differs is what a reader could find something in."""
    found = {re.sub(r"the-shop-[a-z]+", "the-shop", text): text for text in map(workflow, covering())}
    assert len(found) > 5
    return list(found.values())


def test_every_reader_of_workflows_finds_nothing_in_any_of_them(tmp_path: Path) -> None:
    paths = []
    for number, text in enumerate(shapes()):
        path = tmp_path / str(number) / CI_PATH
        path.parent.mkdir(parents=True)
        path.write_text(text)
        paths.append(path)
    assert actionlint(*paths) == []
    for path in paths:
        assert zizmor(path) == [], path.read_text()
    assert against_schema(paths[0], "github-workflows") == ""


def test_every_action_is_pinned_by_its_commit_and_every_job_bounded() -> None:
    for text in shapes():
        assert all(re.fullmatch(r"\S+@[0-9a-f]{40} # v[\d.]+", used) for used in re.findall(r"uses: (.*)", text))
        form = yaml.safe_load(text)
        assert form["permissions"] == {}
        for job in form["jobs"].values():
            assert job["permissions"] == {"contents": "read"}
            assert job["timeout-minutes"] <= 30


def test_images_get_the_names_that_compose_looks_for() -> None:
    asked = brief(backend="django", frontend="react-vite", database="postgresql", queue="redis", worker="celery")
    steps = [step for step in read(asked)["jobs"]["test"]["steps"] if "tags" in step.get("with", {})]
    assert [step["with"]["tags"].split() for step in steps] == [
        ["the-shop-migrate", "the-shop-backend", "the-shop-worker", "the-shop-beat"],
        ["the-shop-frontend"],
    ]
    assert read(asked)["jobs"]["images"]["strategy"]["matrix"] == {"directory": ["backend", "frontend"]}


@pytest.mark.parametrize(
    ("states", "status"),
    [
        (["backend running 0 healthy\nmigrate exited 0 "], 0),
        (["backend running 0 starting\nmigrate running 0 ", "backend running 0 healthy\nmigrate exited 0 "], 0),
        (["backend running 0 unhealthy\nmigrate exited 0 "], 1),
        (["backend running 0 healthy\nmigrate exited 1 "], 1),
        (["backend restarting 1 \nmigrate exited 0 "], 1),
        (["!"], 1),
    ],
)
def test_it_waits_until_all_is_healthy_or_done_and_for_nothing_less(
    tmp_path: Path, states: list[str], status: int
) -> None:
    (step,) = [one for one in read(SHOP)["jobs"]["test"]["steps"] if one.get("name", "").startswith("Wait")]
    for number, state in enumerate(states):
        (tmp_path / f"{number}.txt").write_text(f"{state}\n")
    programs = {
        # Answers with one state after the other, then with the last; `!` is a Docker that does not answer.
        "docker": 'n=$(cat n 2>/dev/null || echo 0); [ -e "$n.txt" ] || n=$((n - 1)); echo $((n + 1)) >n; grep -q ! $n.txt && exit 1; cat $n.txt',
        "sleep": "exit 0",
    }
    for name, text in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert read(SHOP)["defaults"]["run"]["shell"] == "bash", "GitHub's own default has no pipefail"


def test_it_is_written_where_it_is_asked_for_and_nowhere_else(tmp_path: Path) -> None:
    for wants, root in ((True, tmp_path / "with"), (False, tmp_path / "without")):
        root.mkdir()
        work = asyncio.run(BlueprintEngine().build(replace(SHOP, wants_ci=wants), ISSUE, root))
        assert (root / CI_PATH).exists() is wants
        assert any("workflow that builds" in decision.what for decision in work.decisions) is wants
        assert any("GitHub has not run" in line for line in work.unverified) is wants
    changed = frozenset(path.relative_to(tmp_path / "with").as_posix() for path in (tmp_path / "with").rglob("*"))
    assert check_tree(tmp_path / "with", Options(changed=changed)).findings == ()


def test_a_workflow_of_that_name_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / CI_PATH).parent.mkdir(parents=True)
    (tmp_path / CI_PATH).write_text("name: ours\n")
    work = asyncio.run(BlueprintEngine().build(replace(SHOP, wants_ci=True), ISSUE, tmp_path))
    assert (tmp_path / CI_PATH).read_text() == "name: ours\n"
    assert CI_PATH in [kept.path for kept in work.kept]


def test_people_can_read_it(snapshot: SnapshotAssertion) -> None:
    assert workflow(brief(backend="fastapi", frontend="vue-vite", database="postgresql")) == snapshot
