"""The Brief of a repository: documents, manifests and the issue, in that order of strength."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.brief.read import read_brief, read_document
from bot.errors import UsageError
from bot.model.brief import Brief
from bot.model.codec import from_json, to_json
from bot.model.issue import Issue


def write(root: Path, path: str, text: str | bytes) -> Path:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text if isinstance(text, bytes) else text.encode())
    return target


def test_documents_of_all_three_folders_are_read_with_their_paths(tmp_path: Path) -> None:
    write(tmp_path, "IDEA.md", "# Shop\nA web shop.\n")
    write(tmp_path, "docs/ARCHITECTURE.md", "## Stack\n- Backend: Django\n- Proxy: nginx\n")
    write(tmp_path, ".autoflow/docs/BUILD_SPEC.md", "## Stack\n- Database: PostgreSQL 16\n- Docker Compose\n")
    brief = read_brief(tmp_path, None)
    assert (brief.title, brief.backend, brief.databases, brief.proxy) == ("Shop", ("django",), ("postgresql",), "nginx")
    assert brief.orchestrator == "docker-compose"
    places = {fact.value: fact.evidence[0] for fact in brief.facts}
    assert (places["postgresql"].path, places["postgresql"].line) == (".autoflow/docs/BUILD_SPEC.md", 2)


def test_the_issue_outranks_the_documents(tmp_path: Path) -> None:
    write(tmp_path, "IDEA.md", "## Stack\n- Express, PostgreSQL\n## Not used\n- RabbitMQ\n- Redis\n")
    brief = read_brief(
        tmp_path, Issue(title="Add infrastructure", body="Please add RabbitMQ. Not PostgreSQL but MySQL.")
    )
    assert (brief.queues, brief.databases) == (("rabbitmq",), ("mysql",))
    assert "redis" not in brief.caches


def test_manifests_outrank_prose(tmp_path: Path) -> None:
    write(tmp_path, "ARCHITECTURE.md", "## Later\n- FastAPI\n")
    write(tmp_path, "src/backend/pyproject.toml", '[project]\ndependencies = [\n  "fastapi>=0.115",\n  "asyncpg",\n]\n')
    write(tmp_path, "docker-compose.yml", "services:\n  cache:\n    image: redis:7-alpine\n")
    brief = read_brief(tmp_path, None)
    assert (brief.backend, brief.databases, brief.caches) == (("fastapi",), ("postgresql",), ("redis",))
    assert brief.orchestrator == "docker-compose"
    fact = next(fact for fact in brief.facts if fact.value == "redis")
    assert (fact.evidence[0].path, fact.evidence[0].line) == ("docker-compose.yml", 3)


@pytest.mark.parametrize(
    ("path", "text", "field", "expected"),
    [
        ("package.json", '{"dependencies": {"@nestjs/core": "11"}}', "backend", ("nestjs",)),
        ("package.json", '{"dependencies": {"next": "15", "react": "19"}}', "frontend", ("nextjs",)),
        ("composer.json", '{"require": {\n"laravel/framework": "^11"}}', "backend", ("laravel",)),
        ("go.mod", "module shop\n\nrequire github.com/jackc/pgx/v5 v5.7.1\n", "databases", ("postgresql",)),
        ("Gemfile", "gem 'rails', '~> 8'\n", "backend", ("rails",)),
        ("pom.xml", "<artifactId>spring-boot-starter-web</artifactId>", "backend", ("spring-boot",)),
        ("requirements-dev.txt", "Flask==3.0\n", "backend", ("flask",)),
        ("Cargo.toml", 'axum = "0.8"\n', "backend", ("axum",)),
        ("web/Shop.csproj", '<Project Sdk="Microsoft.NET.Sdk.Web">', "backend", ("aspnet-core",)),
    ],
)
def test_each_ecosystem_is_read(tmp_path: Path, path: str, text: str, field: str, expected: tuple[str, ...]) -> None:
    write(tmp_path, "IDEA.md", "# Shop\nA web shop.\n")
    write(tmp_path, path, text)
    assert getattr(read_brief(tmp_path, None), field) == expected


def test_a_driver_says_that_a_database_is_used_and_not_where_it_runs(tmp_path: Path) -> None:
    (tmp_path / "IDEA.md").write_text(
        "# Leads\n## Stack\n- Backend: FastAPI on Render\n- Database: MongoDB Atlas (M0)\n"
    )
    (tmp_path / "backend").mkdir()
    (tmp_path / "backend/requirements.txt").write_text("fastapi\nmotor\n")
    brief = read_brief(tmp_path, None)
    assert (brief.backend, brief.databases) == (("fastapi",), ())
    (tmp_path / "docker-compose.yml").write_text("services:\n  db:\n    image: mongo:8\n")
    assert read_brief(tmp_path, None).databases == ("mongodb",)


def test_dependencies_of_others_do_not_count(tmp_path: Path) -> None:
    write(tmp_path, "IDEA.md", "# Shop\nA web shop.\n")
    write(tmp_path, "node_modules/x/package.json", '{"dependencies": {"express": "5"}}')
    assert read_brief(tmp_path, None).backend == ()


def test_hidden_text_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, "IDEA.md", "## Stack\n- Django\n<!-- - Kafka\n- MongoDB -->\n- Post\u200bgreSQL\n")
    brief = read_brief(tmp_path, None)
    assert (brief.queues, brief.databases) == ((), ("postgresql",))
    assert next(fact for fact in brief.facts if fact.value == "postgresql").evidence[0].line == 5


def test_bad_documents_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    write(tmp_path, "IDEA.md", b"\x00\x01binary")
    write(tmp_path, "docs/ARCHITECTURE.md", "## Stack\n- Django\n")
    outside = write(tmp_path.parent, f"{tmp_path.name}-outside.md", "## Stack\n- Kafka\n")
    (tmp_path / "BUILD_SPEC.md").symlink_to(outside)
    (tmp_path / "docs" / "IDEA.md").symlink_to(tmp_path / "docs" / "IDEA.md")
    os.mkfifo(tmp_path / "PRD.md")
    brief = read_brief(tmp_path, None)
    assert (brief.backend, brief.queues) == (("django",), ())
    notes = "\n".join(brief.notes)
    assert "`IDEA.md` is binary" in notes
    assert "`BUILD_SPEC.md` leads out of the repository" in notes
    assert "`docs/IDEA.md`" in notes
    assert "`PRD.md` is not a regular file" in notes


def test_documents_that_git_itself_does_not_hold_are_named(tmp_path: Path) -> None:
    write(tmp_path, "README.md", "# Shop\n\n## Stack\n- Django\n")
    write(tmp_path, "IDEA.md", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n")
    write(tmp_path, ".gitmodules", '[submodule "papers"]\n\tpath = docs\n\turl = https://example.org/papers.git\n')
    (tmp_path / "docs").mkdir()
    brief = read_brief(tmp_path, None)
    assert brief.backend == ("django",), "what is left is read"
    notes = "\n".join(brief.notes)
    assert "`IDEA.md` is kept in Git LFS" in notes
    assert "`docs` is a submodule" in notes


def test_a_huge_document_is_read_in_part_and_says_so(tmp_path: Path) -> None:
    huge = tmp_path / "IDEA.md"
    with huge.open("wb") as file:
        file.write(b"## Stack\n- Django\n")
        file.truncate(50_000_000)
        file.seek(18)
        file.write(b"\n" * 3_000_000)
    brief = read_brief(tmp_path, None)
    assert brief.backend == ("django",)
    assert "`IDEA.md` has 50 MB; only the first 2 MB were read." in brief.notes


def test_a_title_that_says_otherwise_than_the_stack_is_pointed_out(tmp_path: Path) -> None:
    path = write(tmp_path, "IDEA.md", "# Django shop\n\n## Stack\n- Backend: FastAPI\n- Database: PostgreSQL\n")
    brief = read_document(path)
    assert brief.backend == ("fastapi",)
    assert any("`django` is named (IDEA.md:1)" in note for note in brief.notes)


def test_criteria_of_the_issue_come_first_in_their_own_words(tmp_path: Path) -> None:
    write(tmp_path, "IDEA.md", "## Acceptance criteria\n- a loan can be recorded\n")
    body = "Use Redis.\n\n- [ ] all services are healthy\n- [x] no secrets\n"
    texts = [item.text for item in read_brief(tmp_path, Issue(title="Infra", body=body)).criteria]
    assert texts == ["all services are healthy", "no secrets", "The issue names `redis`.", "a loan can be recorded"]


def test_a_missing_document_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_document(tmp_path / "none.md")


def test_a_brief_survives_json(tmp_path: Path) -> None:
    write(tmp_path, "IDEA.md", "## Stack\nDjango, PostgreSQL or MySQL, no Kafka.\n")
    brief = read_brief(tmp_path, Issue(title="x", body="Redis"))
    assert from_json(Brief, to_json(brief)) == brief


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(data=b"version https://git-lfs.github.com/spec/v1")
@given(st.binary(max_size=600) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_give_a_brief_or_a_clear_error(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path, "IDEA.md", data)
    assert isinstance(read_brief(tmp_path, None), Brief)
    if data.startswith(b"version https://git-lfs.github.com/spec/"):
        with pytest.raises(UsageError, match="Git LFS"):
            read_document(path)
    elif b"\0" not in data and data.decode("utf-8", "replace").count("\ufffd") < 2:
        assert isinstance(read_document(path), Brief)
