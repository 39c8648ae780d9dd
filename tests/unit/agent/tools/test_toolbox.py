"""The toolbox: what is offered, calls that are wrong, commands, skills, and the words of the judge."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.agent.sandbox import CommandResult
from bot.agent.tools.definition import definition_of, version
from bot.agent.tools.judge import Judge
from bot.model.finding import Finding, Severity
from bot.model.health import Cause, HealthReport, Outcome, ServiceHealth, Verdict
from tests.fakes.commands import ScriptedCommands
from tests.unit.agent.tools.toolboxes import call, toolbox

ALL = ("Read", "Write", "Edit", "Glob", "Grep", "Bash", "Skill", "Check", "Verify")


def test_commands_and_proof_are_offered_only_where_an_engine_is_at_hand(tmp_path: Path) -> None:
    async def verify() -> HealthReport:
        return HealthReport(outcome=Outcome.HEALTHY)

    assert "Bash" not in toolbox(tmp_path).names
    assert "Verify" not in toolbox(tmp_path).names
    judge = Judge(toolbox(tmp_path).judge._check, verify)
    assert toolbox(tmp_path, commands=ScriptedCommands(), judge=judge).names == ALL


def test_definitions_are_what_the_api_takes_and_always_the_same() -> None:
    import json

    for name in ALL:
        block = definition_of(name).block
        assert set(block["input_schema"]["required"]) <= set(block["input_schema"]["properties"])
        assert not definition_of(name).wrong(json.loads(definition_of(name).example)), name
    assert version() >= 1


@pytest.mark.parametrize(
    ("name", "arguments", "taught"),
    [
        ("Write", {"file_path": "a"}, ["`content` is missing", "Example:"]),
        ("Write", {"path": "a", "content": ""}, ["did you mean `file_path`", "`file_path` is missing"]),
        ("Read", {"file_path": "a", "view_range": ["1", "2"]}, ["a list of integers"]),
        ("Read", {"file_path": 7}, ["of type string, not int"]),
        ("Edit", {"file_path": "a", "old_string": "b", "new_string": "c", "replace_all": "yes"}, ["of type boolean"]),
        ("Read", "a", ["not an object"]),
        ("Read", None, ["not an object"]),
        ("Reed", {}, ["no tool Reed", "Did you mean Read"]),
        ("Bash", {"command": "ls"}, ["no tool Bash"]),
        ("Check", {"fix": 1}, ["of type boolean"]),
    ],
)
def test_a_wrong_call_is_answered_with_what_a_right_one_looks_like(
    tmp_path: Path, name: str, arguments: Any, taught: list[str]
) -> None:
    result = asyncio.run(toolbox(tmp_path).call(name, arguments))
    assert result.is_error
    for words in taught:
        assert words in result.text


def test_what_a_command_does_to_protected_files_is_undone_and_said(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    (root / ".github/workflows").mkdir(parents=True)
    (root / ".github/workflows/ci.yml").write_text("on: push\n")
    (root / "CODEOWNERS").write_text("* @team\n")
    outside = tmp_path / "outside"
    outside.mkdir()

    def attack() -> CommandResult:
        (root / "CODEOWNERS").write_text("* @me\n")
        (root / ".github/workflows/ci.yml").unlink()
        (root / ".github/workflows/mine.yml").write_text("on: push\n")
        (root / "src/.git/hooks").mkdir(parents=True)
        (root / ".gitmodules").symlink_to("/etc/passwd")
        return CommandResult(exit_code=0, output="done\u200b")

    def swap() -> CommandResult:
        import shutil

        shutil.rmtree(root / ".github")
        (root / ".github").symlink_to(outside)
        return CommandResult(exit_code=3, output="", ended="it took longer than 5 s")

    tools = toolbox(root, commands=ScriptedCommands(known={"attack": attack, "swap": swap}))
    result = call(tools, "Bash", command="attack")
    assert result.text.splitlines()[0] == "exit status 0"
    assert "done<U+200B>" in result.text
    assert result.text.count("undone") == 5
    swapped = call(tools, "Bash", command="swap")
    assert "exit status 3\nstopped: it took longer than 5 s" in swapped.text
    assert (root / "CODEOWNERS").read_text() == "* @team\n"
    assert not (root / ".github").is_symlink()
    assert [place.name for place in (root / ".github/workflows").iterdir()] == ["ci.yml"]
    assert not (root / "src/.git").exists()
    assert not list(outside.iterdir())
    assert call(tools, "Bash", command="gone").is_error


def test_a_guide_is_read_and_an_unknown_one_is_guessed(tmp_path: Path) -> None:
    tools = toolbox(tmp_path)
    assert "backend: fastapi" in call(tools, "Skill", name="fastapi").text
    assert "no scaffold" in call(tools, "Skill", name="docker-optimization").text
    assert "Did you mean `fastapi`" in call(tools, "Skill", name="fast-api").text
    assert not any(tmp_path.iterdir())


def test_a_scaffold_is_written_with_the_parts_that_are_named_and_never_over_what_is_there(tmp_path: Path) -> None:
    tools = toolbox(tmp_path)
    parts = {"backend": "flask", "database": "postgresql"}
    told = call(tools, "Skill", name="flask", render=True, parameters=parts).text
    assert "- src/docker-compose.yml" in told
    assert "flask" in (tmp_path / "src/backend/requirements.txt").read_text().lower()
    compose = tmp_path / "src/docker-compose.yml"
    compose.write_text(f"# Ours: ask Ana.\n{compose.read_text()}")
    again = call(tools, "Skill", name="redis", render=True, parameters={**parts, "cache": "redis"}).text
    assert "Changed (" in again
    assert "- src/docker-compose.yml" in again
    assert "by hand" not in again
    assert compose.read_text().startswith("# Ours: ask Ana.\n")
    assert "  redis:\n" in compose.read_text()


def test_a_compose_file_that_cannot_grow_is_left_and_the_scaffolds_own_is_shown(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/compose.yaml").write_text("services: {api: {build: ./backend}}\n")
    tools = toolbox(tmp_path)
    parts = {"backend": "flask", "database": "postgresql"}
    told = call(tools, "Skill", name="flask", render=True, parameters=parts).text
    assert "Left alone: src/compose.yaml" in told
    assert "to merge by hand" in told
    assert (tmp_path / "src/compose.yaml").read_text() == "services: {api: {build: ./backend}}\n"


@pytest.mark.parametrize(
    ("parameters", "taught"),
    [
        ({"backand": "flask"}, "no part of a stack"),
        ({"backend": ["flask"]}, "one name"),
        ({"backend": "django"}, '"backend": flask'),
    ],
)
def test_wrong_parts_are_explained_and_nothing_is_written(
    tmp_path: Path, parameters: dict[str, Any], taught: str
) -> None:
    result = call(toolbox(tmp_path), "Skill", name="flask", render=True, parameters=parameters)
    assert result.is_error
    assert taught in result.text
    assert not any(tmp_path.iterdir())


def test_the_judge_tells_what_caused_the_rest_first(tmp_path: Path) -> None:
    found = Finding(
        rule="healthcheck-localhost", code="HC03", severity=Severity.ERROR, path="src/a.yml", line=3, message="IPv6."
    )
    database = ServiceHealth(
        name="db", verdict=Verdict.UNHEALTHY, cause=Cause(code="exited", title="it ended"), log=("FATAL: no password",)
    )
    waiting = ServiceHealth(name="app", verdict=Verdict.BLOCKED, blocked_by="db")

    async def check(fix: bool) -> tuple[Finding, ...]:
        return () if fix else (found,)

    async def verify() -> HealthReport:
        return HealthReport(
            outcome=Outcome.UNHEALTHY, root_cause="db", cause=database.cause, services=(waiting, database)
        )

    tools = toolbox(tmp_path, judge=Judge(check, verify))
    assert "1 to mend" in call(tools, "Check").text
    assert "src/a.yml:3 error healthcheck-localhost" in call(tools, "Check").text
    assert call(tools, "Check", fix=True).text == "clean: no error and no warning"
    told = call(tools, "Verify")
    assert told.is_error
    assert told.text.index("Root cause") < told.text.index("Service `db`") < told.text.index("Service `app`")
    assert "FATAL: no password" in told.text
