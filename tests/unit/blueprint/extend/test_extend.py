"""A stack that is there grows by what was asked for, and by nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.blueprint.engine import BlueprintEngine
from bot.brief.defaults import with_defaults
from bot.brief.read import read_brief
from bot.check.engine import Options, check_tree
from bot.model.change import Work
from bot.model.finding import Finding
from bot.model.issue import Issue
from tests.unit.blueprint.briefs import brief
from tests.unit.blueprint.extend.stacks import STACKS

ADD = Issue(number=7, title="Add Redis and a worker", body="The API is to hand mail over to a background worker.")
NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")


def lay(root: Path, files: dict[str, str]) -> Path:
    """Write the files; return the compose file."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())
    return next(root / path for path in files if path.rpartition("/")[2] in NAMES)


def build(root: Path, issue: Issue = ADD) -> Work:
    return asyncio.run(BlueprintEngine().build(with_defaults(read_brief(root, issue)), issue, root))


def found(root: Path) -> set[tuple[str, str]]:
    findings: tuple[Finding, ...] = check_tree(root, Options()).findings
    return {(finding.rule, finding.message) for finding in findings}


def without_additions(before: Any, after: Any) -> Any:
    """Return `after` with only what `before` names, in all depths; a short `depends_on` reads as the long one does."""
    if isinstance(before, dict) and isinstance(after, dict):
        return {key: without_additions(value, after.get(key)) for key, value in before.items()}
    if isinstance(before, list) and isinstance(after, dict):
        assert all(after[name] == {"condition": "service_started"} for name in before), after
        return before
    if isinstance(before, list) and isinstance(after, list):
        return [item for item in after if item in before]
    return after if before is not None else None


@pytest.mark.parametrize("name", STACKS)
def test_two_services_come_with_their_variables_and_waits_and_all_else_stands(tmp_path: Path, name: str) -> None:
    file = lay(tmp_path, STACKS[name])
    old, rules = file.read_bytes().decode(), found(tmp_path)
    others = {path: (tmp_path / path).read_bytes() for path in STACKS[name] if tmp_path / path != file}
    work = build(tmp_path)
    new = file.read_bytes().decode()
    before, after = yaml.safe_load(old), yaml.safe_load(new)
    assert (work.ended, work.confirm) == ("", ())
    assert set(after["services"]) - set(before["services"]) == {"redis", "worker"}
    assert without_additions(before, after) == before
    application = next(service for service in before["services"] if "build" in before["services"][service])
    told, made = after["services"][application], after["services"]["worker"]
    assert "redis://redis:6379" in str(told["environment"])
    assert told["depends_on"]["redis"] == made["depends_on"]["redis"] == {"condition": "service_healthy"}
    assert (made["build"], made["environment"]) == (told["build"], told["environment"])
    assert "redis_data" in after["volumes"]
    # No line was lost or moved, comments and blanks included; only a short wait is written anew.
    gone = [
        line
        for tag, a, b, _c, _d in SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False).get_opcodes()
        if tag in {"replace", "delete"}
        for line in old.splitlines()[a:b]
    ]
    assert all("db" in line or "mail" in line for line in gone), gone
    assert ("\r\n" in new) == ("\r\n" in old)
    assert new.count("\n") == new.count("\r\n") or "\r\n" not in old
    assert {path: (tmp_path / path).read_bytes() for path in others} == others
    # The worker has what the application has, its faults included; nothing else is found that was not before.
    inherited = {(rule, said.replace("`worker`", f"`{application}`")) for rule, said in found(tmp_path)}
    assert inherited <= rules, inherited - rules
    # A second run has nothing to do.
    assert "has all the services that were asked for" in build(tmp_path).ended
    assert file.read_bytes().decode() == new


def test_the_new_service_meets_the_application_where_that_meets_its_database(tmp_path: Path) -> None:
    file = lay(tmp_path, STACKS["wide"])
    build(tmp_path)
    services = yaml.safe_load(file.read_text())["services"]
    assert services["redis"]["networks"] == ["inner"]
    assert services["worker"]["networks"] == ["inner", "outer"]
    assert "ports" not in services["worker"]


def test_each_addition_is_told_with_the_words_that_asked_for_it(tmp_path: Path) -> None:
    lay(tmp_path, STACKS["wide"])
    said = {decision.what: decision.why for decision in build(tmp_path).decisions}
    assert said["Redis as the queue: a service in `src/docker-compose.yml`"] == '`issue:1` "Add Redis and a worker"'
    assert "node worker.js" in said["A worker: a service in `src/docker-compose.yml`"]
    assert {"`api` has `REDIS_URL`", "`api` waits for `redis`"} <= set(said)


def test_only_what_the_issue_names_is_added(tmp_path: Path) -> None:
    file = lay(
        tmp_path, {**STACKS["wide"], "BUILD_SPEC.md": "# Shop\n\n| Part | Choice |\n|---|---|\n| Proxy | nginx |\n"}
    )
    build(tmp_path)
    assert set(yaml.safe_load(file.read_text())["services"]) == {"db", "api", "redis", "worker"}


def test_an_extra_is_added_beside_what_is_there(tmp_path: Path) -> None:
    file = lay(tmp_path, STACKS["wide"])
    work = build(tmp_path, Issue(number=8, title="Add Mailpit", body="So that we see the mails the API sends."))
    services = yaml.safe_load(file.read_text())["services"]
    assert set(services) == {"db", "api", "mailpit"}
    assert services["mailpit"]["networks"] == ["inner"]
    assert work.ended == ""
    assert any("no application here has been told of it" in said for said in work.confirm)
    assert "MAILPIT_PORT=" in (tmp_path / "src/.env.example").read_text()


def test_a_workflow_that_does_not_fit_their_stack_is_not_written_and_that_is_said(tmp_path: Path) -> None:
    file = lay(tmp_path, STACKS["wide"])
    work = build(tmp_path, Issue(number=9, title="Add CI", body="We want a GitHub Actions workflow."))
    assert not (tmp_path / ".github").exists()
    assert "A workflow for CI was not written" in work.ended
    assert file.read_text() == STACKS["wide"]["src/docker-compose.yml"]


def test_a_stack_of_ours_that_somebody_changed_still_gets_its_workflow(tmp_path: Path) -> None:
    engine, asked = BlueprintEngine(), brief(backend="fastapi", database="postgresql")
    asyncio.run(engine.build(asked, Issue(title="x"), tmp_path))
    file = tmp_path / "src/docker-compose.yml"
    file.write_text(f"# Ours.\n{file.read_text()}")
    work = asyncio.run(engine.build(replace(asked, wants_ci=True), Issue(title="Add CI"), tmp_path))
    assert (tmp_path / ".github/workflows/ci.yml").is_file()
    assert (work.ended, len(work.unverified)) == ("", 1)


def test_files_for_another_host_are_not_made_from_their_stack_and_that_is_said(tmp_path: Path) -> None:
    lay(tmp_path, STACKS["wide"])
    asked = replace(brief(backend="express", database="postgresql"), orchestrator="kubernetes")
    work = asyncio.run(BlueprintEngine().build(asked, Issue(title="Run it on Kubernetes"), tmp_path))
    assert "files for kubernetes are not made" in work.ended
    assert not (tmp_path / "src/kubernetes").exists()


def test_a_worker_that_nobody_can_start_is_not_made_up(tmp_path: Path) -> None:
    files = {path: text for path, text in STACKS["wide"].items() if not path.endswith("worker.js")}
    files["src/backend/package.json"] = files["src/backend/package.json"].replace(
        '"worker": "node worker.js"', '"x": "y"'
    )
    file = lay(tmp_path, files)
    work = build(tmp_path)
    assert set(yaml.safe_load(file.read_text())["services"]) == {"db", "api", "redis"}
    assert any("Add a `worker` script" in said for said in work.confirm)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("services: [", "src/docker-compose.yml"),
        ("name: x\n", "it holds no services"),
        ("services: {api: {build: ./backend}}\n", "`services` are not written as a block"),
    ],
)
def test_a_file_that_cannot_grow_is_left_and_the_reason_told(tmp_path: Path, text: str, why: str) -> None:
    file = lay(tmp_path, {**STACKS["wide"], "src/docker-compose.yml": text})
    work = build(tmp_path)
    assert file.read_text() == text
    assert why in work.ended


@pytest.mark.parametrize(("backend", "worker"), [("fastapi", "celery"), ("express", "bullmq")])
def test_a_stack_of_ours_that_nobody_changed_is_rendered_anew(tmp_path: Path, backend: str, worker: str) -> None:
    engine, issue = BlueprintEngine(), Issue(title="Infrastructure")
    whole = brief(backend=backend, database="postgresql", queue="redis", worker=worker)
    for name in ("at-once", "in-turn"):
        (tmp_path / name).mkdir()
    asyncio.run(engine.build(whole, issue, tmp_path / "at-once"))
    asyncio.run(engine.build(brief(backend=backend, database="postgresql"), issue, tmp_path / "in-turn"))
    work = asyncio.run(engine.build(whole, ADD, tmp_path / "in-turn"))
    assert work.kept == ()
    trees = [
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (tmp_path / "at-once", tmp_path / "in-turn")
    ]
    assert trees[0] == trees[1]


def test_a_stack_of_ours_that_somebody_changed_keeps_the_change_and_its_code_follows(tmp_path: Path) -> None:
    engine = BlueprintEngine()
    asyncio.run(engine.build(brief(backend="fastapi", database="postgresql"), Issue(title="x"), tmp_path))
    file = tmp_path / "src/docker-compose.yml"
    changed = (
        file.read_text()
        .replace("services:\n", "services:\n  # Ours: ask Ana.\n", 1)
        .replace("retries: 5", "retries: 9")
    )
    file.write_text(changed)
    whole = brief(backend="fastapi", database="postgresql", queue="redis", worker="celery")
    work = asyncio.run(engine.build(whole, ADD, tmp_path))
    assert work.ended == ""
    services = yaml.safe_load(file.read_text())["services"]
    assert {"redis", "worker", "beat"} <= set(services)
    assert services["worker"]["environment"]["QUEUE_URL"] == services["backend"]["environment"]["QUEUE_URL"]
    assert all(line in file.read_text() for line in changed.splitlines())
    assert (tmp_path / "src/backend/app/tasks.py").is_file()
    assert found(tmp_path) == set()


_indents = st.sampled_from([2, 3, 4])
_word = st.from_regex(r"[a-z]{1,8}", fullmatch=True)


@st.composite
def written(draw: st.DrawFn) -> str:
    """Compose files as people indent, comment and shorten them."""
    wide = " " * draw(_indents)
    comments = st.sampled_from(["", "  # why", f"\n{wide}# above the next"])
    lines = ["services:"]
    for name in ("db", "api"):
        lines.append(f"{wide}{name}:{draw(st.sampled_from(['', '  # mine']))}")
        body = ["image: postgres:16"] if name == "db" else ["build: ./backend", *draw(_application(wide))]
        body += [f"x-{word}: {word}" for word in draw(st.lists(_word, unique=True, max_size=2))]
        lines += [f"{wide}{wide}{line}" for line in body]
        lines[-1] += draw(st.sampled_from(["", "  # why"]))
        lines += [""] * draw(st.integers(0, 2))
    del comments
    tail = draw(st.sampled_from(["", "volumes:\n  data:\n", "volumes:\n", "# the end", "volumes: {data: {}}\n"]))
    return "\n".join((*lines, tail))


@st.composite
def _application(draw: st.DrawFn, wide: str) -> list[str]:
    environment = draw(
        st.sampled_from(
            [
                [],
                ["environment:", f"{wide}A: b  # set"],
                ["environment:", "- A=b", "# last"],
                ["environment:", f"{wide}- A=b"],
                ["environment: {A: b}"],
                ["environment: [A=b]"],
            ]
        )
    )
    waits = draw(
        st.sampled_from(
            [
                [],
                ["depends_on: [db]"],
                ["depends_on:", "- db"],
                ["depends_on:", f"{wide}- db  # first"],
                ["depends_on:", f"{wide}db: {{condition: service_started}}"],
                ["depends_on:", f"{wide}db:", f"{wide}{wide}condition: service_started"],
                ["depends_on: {db: {condition: service_started}}"],
            ]
        )
    )
    return [*environment, *waits] if draw(st.booleans()) else [*waits, *environment]


@given(text=written())
def test_however_it_is_written_it_grows_and_keeps_what_it_said(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    root = tmp_path_factory.mktemp("stack")
    file = lay(root, {**STACKS["wide"], "src/docker-compose.yml": text})
    work = build(root)
    before, after = yaml.safe_load(text), yaml.safe_load(file.read_text())
    assert set(after["services"]) == {"db", "api", "redis", "worker"}, (work, file.read_text())
    assert without_additions(before["services"], after["services"]) == before["services"]
    assert after["services"]["api"]["depends_on"]["redis"] == {"condition": "service_healthy"}
    assert "REDIS_URL" in str(after["services"]["api"]["environment"])
    assert "redis_data" in after["volumes"]
    assert text.count("#") <= file.read_text().count("#")
