"""LAY01 to LAY08: where things belong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.check.rules import (
    bind_source_missing,
    build_context_missing,
    code_outside_src,
    compose_location,
    compose_path_prefix,
    env_example_missing,
    gitignore_missing,
)
from bot.model.finding import Finding

Check = Callable[..., list[Finding]]

STACK = "services:\n  web:\n    image: nginx:1.27-alpine\n"


@pytest.mark.parametrize(
    "path",
    [
        "docker-compose.yml",
        "compose.yaml",
        "docker/docker-compose.yml",
        "infra/compose.yml",
        "tmp_src/docker-compose.yml",
        "docker-compose.prod.yml",
        "src/docker/docker-compose.yml",
        "backend/docker-compose.override.yml",
    ],
)
def test_compose_elsewhere(findings: Check, path: str) -> None:
    (found,) = findings(compose_location.RULE, {path: STACK})
    assert found.path == path


@pytest.mark.parametrize(
    "files",
    [
        {"src/docker-compose.yml": STACK},
        {"src/compose.yaml": STACK, "src/docker/docker-compose.tools.yml": STACK},
        {"src/docker-compose.yml": STACK, ".devcontainer/docker-compose.yml": STACK},
        {"src/docker-compose.yml": STACK, "tests/docker-compose.yml": STACK},
        {"src/docker-compose.yml": STACK, "compose.yml": "include:\n  - src/docker-compose.yml\n"},
        {"docs/compose-notes.yml": "a: 1\n"},
    ],
)
def test_compose_in_place(findings: Check, files: dict[str, str]) -> None:
    assert findings(compose_location.RULE, files) == []


def test_compose_that_was_there_before_the_run_is_not_its_fault(findings: Check) -> None:
    files = {"docker-compose.yml": STACK, "src/docker-compose.yml": STACK}
    assert findings(compose_location.RULE, files, changed=frozenset({"src/docker-compose.yml"})) == []


@pytest.mark.parametrize(
    "path",
    [
        "backend/app.py",
        "frontend/src/App.tsx",
        "main.go",
        "tmp_src/backend/index.js",
        "api/Dockerfile",
        "Dockerfile",
        "app/Http/Kernel.php",
        "server.js",
        "docker/php/Dockerfile",
        "deploy/Dockerfile",
        "backend/package.json",
    ],
)
def test_code_elsewhere(findings: Check, path: str) -> None:
    (found,) = findings(code_outside_src.RULE, {path: "x\n", "src/docker-compose.yml": STACK})
    assert found.path == path


@pytest.mark.parametrize(
    "path",
    [
        "src/backend/app.py",
        ".github/workflows/ci.yml",
        ".github/scripts/release.py",
        "docs/conf.py",
        "IDEA.md",
        "eslint.config.js",
        "commitlint.config.cjs",
        ".devcontainer/Dockerfile",
        "scripts/release.py",
        "Makefile",
        ".autoflow/docs/sketch.py",
        "tests/e2e/login.spec.ts",
        "setup.py",
        "LICENSE",
        "docs/example/Dockerfile",
    ],
)
def test_meta_is_not_code(findings: Check, path: str) -> None:
    assert findings(code_outside_src.RULE, {path: "x\n", "src/docker-compose.yml": STACK}) == []


def test_package_json_of_hooks_is_not_an_application(findings: Check) -> None:
    files = {"package.json": '{"devDependencies": {"husky": "^9"}}', "src/docker-compose.yml": STACK}
    assert findings(code_outside_src.RULE, files) == []


def test_many_files_in_one_folder_are_one_finding_at_the_telling_one(findings: Check) -> None:
    files = {"backend/a.py": "", "backend/Dockerfile": "FROM a:1\n", "backend/b/c.py": "", "src/compose.yml": STACK}
    (found,) = findings(code_outside_src.RULE, files)
    assert found.path == "backend/Dockerfile"
    assert "2 more" in found.message


def test_a_library_without_containers_keeps_its_code_where_it_likes(findings: Check) -> None:
    assert findings(code_outside_src.RULE, {"mylib/core.py": "x = 1\n"}) == []


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("volumes: ['./src/backend:/app']", "./backend"),
        ("volumes: ['src/backend:/app']", None),
        ("volumes: ['../backend:/app']", "./backend"),
        ("volumes: [{type: bind, source: ./src/backend, target: /app}]", "./backend"),
        ("build: ./src/backend", "./backend"),
        ("build: {context: src/backend}", "./backend"),
        ("build: ../backend", "./backend"),
        ("build: {context: .., dockerfile: src/backend/Dockerfile}", None),
        ("env_file: ../.env", None),
        ("env_file: [{path: ../config/.env}]", None),
    ],
)
def test_paths_that_start_wrong(findings: Check, line: str, right: str | None) -> None:
    compose = f"services:\n  api:\n    {line}\n"
    found = findings(
        compose_path_prefix.RULE, {"src/docker-compose.yml": compose, "src/backend/Dockerfile": "FROM a:1\n"}
    )
    if line.startswith("volumes: ['src/"):
        assert found == []  # without ./ in front it is the name of a volume
        return
    (only,) = found
    if right is None:
        assert only.fix is None
    else:
        assert only.fix is not None
        (edit,) = only.fix.edits
        assert compose[: edit.start] + edit.text + compose[edit.end :] == compose.replace(
            compose[edit.start : edit.end], right
        )
        assert edit.text == right


@pytest.mark.parametrize(
    "line",
    [
        "build: ./backend",
        "build: {context: ./backend, dockerfile: ../docker/Dockerfile}",
        "volumes: ['./backend/src:/app/src']",
        "volumes: ['/etc/localtime:/etc/localtime:ro']",
        "volumes: ['data:/data']",
        "volumes: ['./src/lib:/lib']",
        "build: {context: ., dockerfile: backend/Dockerfile}",
    ],
)
def test_paths_that_start_right(findings: Check, line: str) -> None:
    compose = f"services:\n  api:\n    {line}\n"
    files = {
        "src/docker-compose.yml": compose,
        "src/backend/src/a.py": "",
        "src/src/lib/x": "",
        "src/docker/Dockerfile": "",
    }
    assert findings(compose_path_prefix.RULE, files) == []


@pytest.mark.parametrize(
    ("volume", "makes"),
    [
        ("./data:/data", "src/data/.gitkeep"),
        ("./pg:/var/lib/postgresql/data", "src/pg/"),
        ("./nginx.conf:/etc/nginx/nginx.conf:ro", None),
        ("./frontend/dist:/usr/share/nginx/html", "src/frontend/dist/.gitkeep"),
        ("./conf.d:/etc/nginx/conf.d", "src/conf.d/.gitkeep"),
        ("${DIR:-./other}:/x", "src/other/.gitkeep"),
    ],
)
def test_missing_bind_sources(findings: Check, volume: str, makes: str | None) -> None:
    (found,) = findings(
        bind_source_missing.RULE,
        {"src/docker-compose.yml": f"services:\n  a:\n    image: b:1\n    volumes: ['{volume}']\n"},
    )
    if makes is None:
        assert found.fix is None
    else:
        assert found.fix is not None
        assert [edit.path for edit in found.fix.edits] == [makes]


@pytest.mark.parametrize(
    "volume",
    [
        "./backend:/app",
        "./nginx/nginx.conf:/etc/nginx/nginx.conf:ro",
        "named:/data",
        "/var/run/docker.sock:/x",
        "~/x:/x",
        "/app/node_modules",
        "${UNKNOWN}:/x",
        "./.env:/app/.env:ro",
        "./empty:/x",
        "../outside:/x",
    ],
)
def test_bind_sources_that_are_there_or_not_ours(findings: Check, volume: str) -> None:
    files = {
        "src/docker-compose.yml": f"services:\n  a:\n    image: b:1\n    volumes: ['{volume}']\n",
        "src/backend/a.py": "",
        "src/nginx/nginx.conf": "",
        "src/.env.example": "A=1\n",
        "src/empty/": "",
    }
    assert findings(bind_source_missing.RULE, files) == []


def test_a_shared_fragment_is_reported_once(findings: Check) -> None:
    compose = """
    x-app: &app
      image: b:1
      volumes: ["./gone:/x"]
    services:
      a: *app
      b: {<<: *app, command: other}
    """
    assert len(findings(bind_source_missing.RULE, {"src/docker-compose.yml": compose})) == 1


@pytest.mark.parametrize(
    ("build", "says"),
    [
        ("./gone", "src/gone"),
        ("./empty", "src/empty/Dockerfile"),
        ("{context: ./backend, dockerfile: Dockerfile.prod}", "Dockerfile.prod"),
        ("{context: ./backend, target: production}", "production"),
        ("{context: ., dockerfile: docker/app/Dockerfile}", "docker/app/Dockerfile"),
    ],
)
def test_builds_from_nothing(findings: Check, build: str, says: str) -> None:
    files = {
        "src/docker-compose.yml": f"services:\n  a:\n    build: {build}\n",
        "src/backend/Dockerfile": "FROM a:1 AS base\nFROM base AS Prod\n",
        "src/empty/": "",
    }
    (found,) = findings(build_context_missing.RULE, files)
    assert says in found.message


@pytest.mark.parametrize(
    "build",
    [
        "./backend",
        "{context: ./backend, target: prod}",
        "{context: ., dockerfile: backend/Dockerfile}",
        "https://github.com/a/b.git",
        "{context: ./backend, target: '0'}",
        "{context: ./backend, target: '${T}'}",
        '{context: ./gone-not, dockerfile_inline: "FROM a:1"}',
    ],
)
def test_builds_from_something(findings: Check, build: str) -> None:
    files = {
        "src/docker-compose.yml": f"services:\n  a:\n    build: {build}\n",
        "src/backend/Dockerfile": "FROM a:1 AS base\nFROM base AS Prod\n",
        "src/gone-not/x": "",
    }
    assert findings(build_context_missing.RULE, files) == []


def test_env_example_missing(findings: Check) -> None:
    compose = "services:\n  a:\n    image: b:${TAG:-1}\n    environment:\n      P: ${DB_PASSWORD}\n      U: ${UID}\n"
    (found,) = findings(env_example_missing.RULE, {"src/docker-compose.yml": compose})
    assert found.line == 3
    assert found.fix is not None
    assert "TAG=1\nDB_PASSWORD=change-me\nUID=1000\n" in found.fix.edits[0].text
    assert findings(env_example_missing.RULE, {"src/.env.example": "TAG=1\n"}) == []


@pytest.mark.parametrize("value", ["$$HOME", "plain", "${PWD}/x"])
def test_no_variables_no_example(findings: Check, value: str) -> None:
    compose = f"services:\n  a:\n    image: b:1\n    environment:\n      P: {value}\n"
    assert findings(env_example_missing.RULE, {"src/docker-compose.yml": compose}) == []


@pytest.mark.parametrize("text", ["node_modules/\n", "", "# .env\n", ".env\n!.env\n", ".env.local\n", ".env.example\n"])
def test_gitignore_that_lets_env_through(findings: Check, text: str) -> None:
    (found,) = findings(gitignore_missing.RULE, {"src/docker-compose.yml": STACK, "src/.gitignore": text})
    assert found.fix is not None
    assert found.fix.edits[0].text.endswith(".env\n")


@pytest.mark.parametrize("text", [".env\n", "*.env\n", ".env*\n!.env.example\n", "/.env\n", "**/.env\n", ".en[v]\n"])
def test_gitignore_that_holds_env_back(findings: Check, text: str) -> None:
    assert findings(gitignore_missing.RULE, {"src/docker-compose.yml": STACK, "src/.gitignore": text}) == []


def test_gitignore_missing_and_covered_from_above(findings: Check) -> None:
    files = {"src/docker-compose.yml": STACK, ".gitignore": ".env\n"}
    assert len(findings(gitignore_missing.RULE, files)) == 1
    assert findings(gitignore_missing.RULE, {"src/.gitignore": "dist/\n"}) == []
