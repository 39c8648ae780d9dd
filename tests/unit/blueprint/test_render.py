"""What every rendered stack keeps to, whatever was combined."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from functools import cache
from itertools import product
from typing import Any

import pytest
import yaml

from bot.blueprint.render import render
from bot.blueprint.skill import Part
from bot.model.brief import Brief
from tests.unit.blueprint.briefs import SHOP, brief, combinations, played, words

VARIABLE = re.compile(r"\$\{([A-Z_]+)")
LEFT_OVER = re.compile(rb"\[%|%\]|\[= | =\]")


@cache
def files(asked: Brief) -> dict[str, bytes]:
    return {file.path: file.content for file in render(asked)}


@cache
def compose(asked: Brief) -> dict[str, Any]:
    return yaml.load(files(asked)["src/docker-compose.yml"], Loader=yaml.CSafeLoader)


Law = Callable[[Brief], None]
LAWS: list[Law] = []


def law(check: Law) -> Law:
    """Hold `check` against every combination; one test each, for hundreds of combinations are hundreds of stacks."""
    LAWS.append(check)
    return check


def test_the_layout_is_the_one_that_is_asked_for() -> None:
    top = {path.split("/")[1] for path in files(SHOP)}
    assert top == {"backend", "frontend", "docker", "scripts", "docker-compose.yml", ".env.example", ".gitignore"}


def test_the_same_brief_gives_the_same_bytes() -> None:
    assert render(SHOP) == render(SHOP)


def test_scripts_can_be_run_and_nothing_else() -> None:
    modes = {file.path: file.mode for file in render(SHOP)}
    assert {path for path, mode in modes.items() if mode == 0o755} == {"src/scripts/setup.sh", "src/scripts/test.sh"}


@pytest.mark.parametrize(
    "title", ["", "Ünïcode & Söhne", "-- 'quoted' \"twice\" ${HOME} --", "x" * 300, "日本語", "a: b # c"]
)
def test_any_title_gives_a_stack_that_can_be_read(title: str) -> None:
    asked = brief(title=title, backend="express", frontend="react-vite", database="postgresql")
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", compose(asked)["name"])
    json.loads(files(asked)["src/backend/package.json"])


def test_a_title_or_a_domain_is_text_and_never_code() -> None:
    title = "Bob's \"shop\"'); DROP {process.exit()} <script> ]]] `x` ${HOME} \n x"
    asked = brief(title=title, backend="fastapi", frontend="react-vite", domain='a.example"; evil("')
    text = "\n".join(content.decode() for path, content in files(asked).items() if "lock" not in path)
    assert (
        "Bob\N{RIGHT SINGLE QUOTATION MARK}s shop\N{RIGHT SINGLE QUOTATION MARK} DROP process.exit script x HOME x"
        in text
    )
    assert "evil" not in text
    ast.parse(files(asked)["src/backend/app/main.py"])


@law
def nothing_is_left_of_the_templates(asked: Brief) -> None:
    # A POSIX shell and Python know `[%` nowhere; what is left would be a template that nobody filled.
    assert [path for path, content in files(asked).items() if LEFT_OVER.search(content)] == []


@law
def every_service_is_bounded_and_reachable_from_this_machine_only(asked: Brief) -> None:
    for name, service in compose(asked)["services"].items():
        limits = service["deploy"]["resources"]["limits"]
        assert limits["memory"], name
        assert float(limits["cpus"]) > 0, name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name


@law
def something_answers_from_outside_where_there_is_an_application(asked: Brief) -> None:
    published = [name for name, service in compose(asked)["services"].items() if service.get("ports")]
    if asked.backend or asked.frontend:
        assert published


@law
def every_service_is_watched_or_meant_to_end(asked: Brief) -> None:
    for name, service in compose(asked)["services"].items():
        assert ("healthcheck" in service) is (service.get("restart") != "no"), name


@law
def waiting_ends(asked: Brief) -> None:
    services = compose(asked)["services"]
    started: set[str] = set()
    while len(started) < len(services):
        ready = {
            name for name, one in services.items() if name not in started and set(one.get("depends_on", ())) <= started
        }
        assert ready, f"nothing can start after {sorted(started)}"
        started |= ready


@law
def one_waits_for_what_is_watched_and_only_once_jobs_for_their_end(asked: Brief) -> None:
    services = compose(asked)["services"]
    for name, service in services.items():
        for needed, wait in service.get("depends_on", {}).items():
            once = services[needed].get("restart") == "no"
            assert wait["condition"] == ("service_completed_successfully" if once else "service_healthy"), (
                name,
                needed,
            )


@law
def every_variable_is_explained_by_the_example(asked: Brief) -> None:
    used = set(VARIABLE.findall(files(asked)["src/docker-compose.yml"].decode()))
    lines = [line for line in files(asked)["src/.env.example"].decode().splitlines() if line and line[0] != "#"]
    told = [line.partition("=")[0] for line in lines]
    assert sorted(told) == sorted(set(told)), "a variable is told twice"
    assert used <= set(told)
    assert set(told) - used <= {"UID", "GID"}, "a variable that nothing reads"


@law
def every_mount_and_build_is_there(asked: Brief) -> None:
    have = files(asked)
    for name, service in compose(asked)["services"].items():
        for mount in service.get("volumes", ()):
            source = mount.split(":")[0]
            if source.startswith("."):
                path = f"src/{source.removeprefix('./')}"
                assert any(file == path or file.startswith(f"{path}/") for file in have), (name, mount)
            else:
                assert source in compose(asked)["volumes"], (name, mount)
        if "build" in service:
            dockerfile = have[f"src/{service['build']['context'].removeprefix('./')}/Dockerfile"].decode()
            assert f" AS {service['build']['target']}\n" in dockerfile, name


@law
def named_volumes_are_used(asked: Brief) -> None:
    mounts = [mount.split(":")[0] for one in compose(asked)["services"].values() for mount in one.get("volumes", ())]
    assert set(compose(asked).get("volumes", {})) <= set(mounts)


@law
def python_and_json_can_be_read(asked: Brief) -> None:
    for path, content in files(asked).items():
        can_be_read(path.rpartition(".")[2], content)


@cache
def can_be_read(ending: str, content: bytes) -> None:
    """Thousands of stacks are made of a few hundred files: each is read once."""
    if ending == "py":
        ast.parse(content)
    if ending == "json":
        json.loads(content)


@law
def what_runs_in_production_is_the_last_stage_without_root(asked: Brief) -> None:
    for path, content in files(asked).items():
        if path.endswith("/Dockerfile"):
            last = content.decode().rpartition("\nFROM ")[2]
            assert last.partition("\n")[0].endswith("AS production"), path
            assert re.search(r"^USER (?!root|0)", last, re.MULTILINE), path
            assert "HEALTHCHECK" in last, path


def test_a_project_of_databases_only_has_no_empty_application() -> None:
    assert set(compose(brief(database="postgresql"))["services"]) == {"postgres"}


def test_nothing_to_build_gives_nothing() -> None:
    assert render(brief()) == ()


def test_every_part_of_the_first_stacks_has_a_skill() -> None:
    assert {"django", "express"} <= set(played("backend"))
    assert "react-vite" in played("frontend")
    assert "postgresql" in played("database")
    assert "redis" in played("cache")
    assert "nginx" in played("proxy")


@pytest.mark.parametrize("check", LAWS, ids=lambda check: check.__name__)
def test_every_combination_keeps_the_law(check: Law) -> None:
    broken = {}
    for asked in combinations():
        try:
            check(asked)
        except AssertionError as error:
            broken[words(asked)] = str(error)
    assert broken == {}


@pytest.mark.parametrize("backend", ["", *played("backend")])
def test_whatever_is_combined_keeps_every_law(backend: str) -> None:
    """Back end x database x cache x queue x front end x proxy, all of them: each is rendered, and kept no longer."""
    broken = {}
    parts: tuple[Part, ...] = ("database", "cache", "queue", "frontend", "proxy")
    for database, stores, queue, front, proxy in product(*(["", *played(part)] for part in parts)):
        asked = brief(backend=backend, database=database, cache=stores, queue=queue, frontend=front, proxy=proxy)
        if not render(asked):
            continue
        files.cache_clear()
        compose.cache_clear()
        try:
            for check in LAWS:
                check(asked)
        except AssertionError as error:
            broken[words(asked)] = str(error)
    assert broken == {}
