"""The engine in a tree: what it writes, what it leaves alone, what it says."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bot.blueprint.engine import BlueprintEngine
from bot.blueprint.render import render
from bot.model.brief import Brief, Evidence, Fact, OpenPoint, Topic
from bot.model.change import Work
from bot.model.finding import Edit, Finding, Fix, Safety, Severity
from bot.model.issue import Issue
from tests.unit.blueprint.briefs import SHOP, brief

ISSUE = Issue(title="Add the infrastructure")


def build(asked: Brief, root: Path) -> Work:
    return asyncio.run(BlueprintEngine().build(asked, ISSUE, root))


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_it_writes_what_is_rendered_and_nothing_else(tmp_path: Path) -> None:
    work = build(SHOP, tmp_path)
    assert tree(tmp_path) == {file.path: file.content for file in render(SHOP)}
    assert (tmp_path / "src/scripts/setup.sh").stat().st_mode & 0o777 == 0o755
    assert (work.kept, work.confirm, work.ended) == ((), (), "")


def test_a_second_run_finds_its_own_files_and_is_content(tmp_path: Path) -> None:
    first = build(SHOP, tmp_path)
    before = tree(tmp_path)
    assert build(SHOP, tmp_path) == first
    assert tree(tmp_path) == before


def test_a_scaffold_without_a_lock_file_says_how_to_get_one(tmp_path: Path) -> None:
    work = build(brief(backend="laravel", database="postgresql"), tmp_path)
    assert [line for line in work.confirm if "composer.lock" in line and "commit" in line]


def test_a_decision_carries_its_evidence(tmp_path: Path) -> None:
    seen = Evidence(path="docs/BUILD_SPEC.md", line=41, quote="Backend: Django 5")
    told = replace(
        SHOP,
        facts=(Fact(topic="backend", value="django", evidence=(seen,)),),
        open=(OpenPoint(topic="frontend", question="Which?", assumed="react-vite"),),
    )
    why = {decision.what: decision.why for decision in build(told, tmp_path).decisions}
    assert why["Django 5.2 as the back end"] == '`docs/BUILD_SPEC.md:41` "Backend: Django 5"'
    assert why["React and Vite as the front end"] == "the documents leave it open; this is the default"


def told(part: Topic, name: str, quote: str, detail: str = "") -> Brief:
    seen = Evidence(path="SPEC.md", line=1, quote=quote)
    return replace(SHOP, facts=(Fact(topic=part, value=name, evidence=(seen,), detail=detail),))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            told("database", "postgresql", "Database: PostgreSQL 13.4"),
            "PostgreSQL 13.4; the stack uses `postgres:16-alp",
        ),
        (
            told("database", "postgresql", "Postgres v15 in Docker"),
            "PostgreSQL 15; the stack uses `postgres:16-alpine`",
        ),
        (told("database", "postgresql", "the usual", "13"), "PostgreSQL 13; the stack uses `postgres:16-alpine`"),
        (told("backend", "django", "Django 4.2 LTS"), "Django 4.2; the stack uses Django 5.2"),
        (told("database", "postgresql", "PostgreSQL 16.4"), ""),
        (told("database", "postgresql", "12 tables in PostgreSQL, 3 of them big"), ""),
        (told("backend", "django", "Django 5"), ""),
        (told("cache", "redis", "Redis"), ""),
        (told("proxy", "nginx", "browser -> nginx :8080 -> static front end"), ""),
        (told("proxy", "nginx", "nginx:8080, then the API"), ""),
        (told("database", "postgresql", "postgres:15 locally"), "PostgreSQL 15; the stack uses"),
    ],
)
def test_another_version_than_the_documents_say_is_confirmed(tmp_path: Path, asked: Brief, sentence: str) -> None:
    confirm = build(asked, tmp_path).confirm
    assert (len(confirm) == 1 and sentence in confirm[0]) if sentence else confirm == ()


def test_a_part_that_another_needs_says_so(tmp_path: Path) -> None:
    work = build(brief(backend="django", database="postgresql", worker="celery"), tmp_path)
    assert {one.what: one.why for one in work.decisions}["Redis as the queue"] == "Celery needs one"
    assert work.confirm == ("Celery needs a queue; the documents name none, so it is Redis.",)


def test_files_of_others_are_kept_and_told(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/.gitignore").write_text("mine\n")
    work = build(SHOP, tmp_path)
    assert (tmp_path / "src/.gitignore").read_text() == "mine\n"
    assert [kept.path for kept in work.kept] == ["src/.gitignore"]
    assert (tmp_path / "src/docker-compose.yml").exists()


@pytest.mark.parametrize("what", ["link", "file"])
def test_nothing_is_written_through_what_is_in_the_way(tmp_path: Path, what: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    if what == "link":
        (root / "src/frontend").symlink_to(outside)
    else:
        (root / "src/frontend").write_text("a note\n")
    work = build(SHOP, root)
    assert list(outside.iterdir()) == []
    assert [kept.path for kept in work.kept] == ["src/frontend"]


def test_a_dangling_link_at_a_file_is_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (root / "src/docker-compose.yml").symlink_to(tmp_path / "elsewhere.yml")
    work = build(SHOP, root)
    assert not (tmp_path / "elsewhere.yml").exists()
    assert [kept.path for kept in work.kept] == ["src/docker-compose.yml"]


@pytest.mark.parametrize("manifest", ["requirements.txt", "package.json", "pyproject.toml", "go.mod", "composer.json"])
def test_an_application_that_is_there_is_not_scaffolded_over(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "src/backend").mkdir(parents=True)
    (tmp_path / "src/backend" / manifest).write_text("theirs\n")
    work = build(SHOP, tmp_path)
    assert [path for path in tree(tmp_path) if path.startswith("src/backend/")] == [f"src/backend/{manifest}"]
    assert "src/backend" in [kept.path for kept in work.kept]
    assert "`src/backend` already holds an application" in work.ended


def test_what_has_no_scaffold_is_said_and_not_pretended(tmp_path: Path) -> None:
    work = build(brief(backend="rails", database="postgresql"), tmp_path)
    assert any("`rails`" in line for line in work.confirm)
    assert "`rails`" in work.ended
    assert not (tmp_path / "src/backend").exists()


def test_extras_run_beside_the_parts_that_they_are_asked_for_with(tmp_path: Path) -> None:
    work = build(replace(SHOP, extras=("minio", "mailpit", "adminer")), tmp_path)
    services = yaml.safe_load((tmp_path / "src/docker-compose.yml").read_text())["services"]
    assert services["adminer"]["environment"] == {"ADMINER_DEFAULT_SERVER": "postgres"}
    assert services["adminer"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert all(
        port.startswith("127.0.0.1:") for name in ("minio", "mailpit", "adminer") for port in services[name]["ports"]
    )
    assert "MINIO_ROOT_PASSWORD=change-me-minio" in (tmp_path / "src/.env.example").read_text()
    assert [line for line in work.confirm if "`mailpit:1025`" in line or "`minio:9000`" in line]
    assert any(decision.what == "MinIO beside them" for decision in work.decisions)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (replace(SHOP, extras=("grafana",)), "`grafana` (extra) was not built: the blueprint engine has no scaffold"),
        (replace(SHOP, databases=("mongodb",), extras=("adminer",)), "it opens `postgresql`, `mysql`, `mariadb` only"),
        (replace(SHOP, orchestrator="kubernetes", extras=("minio",)), "the documents ask for kubernetes"),
    ],
)
def test_an_extra_that_cannot_be_had_is_not_forgotten(tmp_path: Path, asked: Brief, why: str) -> None:
    work = build(asked, tmp_path)
    assert any(why in line for line in work.confirm), work.confirm


@pytest.mark.parametrize(
    ("proxy", "sentence"),
    [("nginx", "certificate"), ("caddy", "`SITE_ADDRESS`"), ("traefik", "resolver"), ("", "no proxy")],
)
def test_what_a_custom_domain_still_needs_is_said(tmp_path: Path, proxy: str, sentence: str) -> None:
    asked = brief(backend="express", frontend="react-vite", proxy=proxy, domain="shop.example.org")
    (line,) = build(asked, tmp_path).confirm
    assert "`shop.example.org`" in line
    assert sentence in line


def test_where_nothing_can_be_built_nothing_is_written(tmp_path: Path) -> None:
    work = build(brief(backend="rails"), tmp_path)
    assert tree(tmp_path) == {}
    assert work.ended.startswith("Nothing was written")
    assert build(brief(), tmp_path).ended.startswith("Nothing was written")


@pytest.mark.parametrize("host", ["serverless", "none"])
def test_another_host_than_compose_gets_no_containers(tmp_path: Path, host: str) -> None:
    work = build(replace(SHOP, orchestrator=host), tmp_path)
    assert tree(tmp_path) == {}
    assert work.ended


def test_kubernetes_comes_beside_the_stack_that_can_be_proved_and_says_what_was_not(tmp_path: Path) -> None:
    seen = Evidence(path="ARCHITECTURE.md", line=7, quote="We deploy to Kubernetes")
    fact = Fact(topic="orchestrator", value="kubernetes", evidence=(seen,))
    work = build(replace(SHOP, orchestrator="kubernetes", facts=(fact,)), tmp_path)
    assert {"src/docker-compose.yml", "src/kubernetes/base/backend.yaml", "src/backend/Dockerfile"} <= set(
        tree(tmp_path)
    )
    why = {decision.what: decision.why for decision in work.decisions}
    assert why["Kubernetes manifests in `src/kubernetes`"] == '`ARCHITECTURE.md:7` "We deploy to Kubernetes"'
    assert any("registry.example.com" in line for line in work.confirm)
    assert work.unverified[0].startswith("No cluster has run the Kubernetes manifests")


def test_systemd_comes_beside_the_stack_too_and_says_what_the_containers_are_for(tmp_path: Path) -> None:
    work = build(replace(SHOP, orchestrator="systemd"), tmp_path)
    assert {"src/docker-compose.yml", "src/systemd/units/the-shop-backend.service"} <= set(tree(tmp_path))
    assert (tmp_path / "src/systemd/install.sh").stat().st_mode & 0o777 == 0o755
    assert any("systemd units" in decision.what for decision in work.decisions)
    assert any("Compose stack is there to develop with" in line for line in work.confirm)


def test_two_back_ends_are_one_too_many_and_it_says_so(tmp_path: Path) -> None:
    work = build(replace(SHOP, backend=("django", "express")), tmp_path)
    assert any("`express`" in line for line in work.confirm)
    assert (tmp_path / "src/backend/manage.py").exists()


def finding(safety: Safety, *edits: Edit) -> Finding:
    fix = Fix(safety=safety, description="Say 127.0.0.1", edits=edits)
    return Finding(
        rule="r", code="R1", severity=Severity.ERROR, path="a.yml", line=1, message="It looks at IPv6.", fix=fix
    )


def repair(root: Path, *findings: Finding) -> Work:
    return asyncio.run(BlueprintEngine().repair(SHOP, ISSUE, root, findings, None))


def test_a_repair_applies_safe_fixes(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("ab localhost ü localhost\n")
    work = repair(
        tmp_path,
        finding(Safety.SAFE, Edit(path="a.yml", start=3, end=12, text="127.0.0.1")),
        finding(Safety.SAFE, Edit(path="a.yml", start=15, end=24, text="127.0.0.2")),
        finding(Safety.SAFE, Edit(path="b/made.txt", text="new")),
        finding(Safety.SAFE, Edit(path="folder/")),
    )
    assert (tmp_path / "a.yml").read_text() == "ab 127.0.0.1 ü 127.0.0.2\n"
    assert (tmp_path / "b/made.txt").read_text() == "new"
    assert (tmp_path / "folder").is_dir()
    assert [decision.what for decision in work.decisions] == ["Say 127.0.0.1"] * 4
    assert work.ended == ""


def test_fixes_that_overlap_are_not_mixed(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("0123456789")
    work = repair(
        tmp_path,
        finding(Safety.SAFE, Edit(path="a.yml", start=2, end=6, text="x")),
        finding(
            Safety.SAFE, Edit(path="a.yml", start=8, end=9, text="y"), Edit(path="a.yml", start=4, end=7, text="z")
        ),
    )
    assert (tmp_path / "a.yml").read_text() == "01x6789"
    assert len(work.decisions) == 1


def test_a_repair_without_a_safe_fix_changes_nothing_and_says_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("localhost")
    work = repair(tmp_path, finding(Safety.UNSAFE, Edit(path="a.yml", start=0, end=9, text="x")))
    assert (tmp_path / "a.yml").read_text() == "localhost"
    assert "model key" in work.ended


@pytest.mark.parametrize("path", ["../out.txt", "/out.txt", "link/out.txt"])
def test_a_fix_does_not_leave_the_tree(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(tmp_path)
    assert repair(root, finding(Safety.SAFE, Edit(path=path, text="x"))).decisions == ()
    assert not (tmp_path / "out.txt").exists()
