"""Django, PostgreSQL, Redis, Vite and nginx as the blueprint writes them: well, and with a fault in the middle."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.blueprint.engine import BlueprintEngine
from bot.check.escape import escape_findings
from bot.model.brief import Brief
from bot.model.issue import Issue
from bot.model.measured import Place
from bot.verify.run import verify_tree

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]
SHOP = Brief(
    title="Shop",
    orchestrator="docker-compose",
    backend=("django",),
    frontend=("react-vite",),
    databases=("postgresql",),
    caches=("redis",),
    proxy="nginx",
)


def test_the_whole_stack_is_healthy_and_a_wrong_probe_in_it_is_found_where_it_stands(tmp_path: Path) -> None:
    asyncio.run(BlueprintEngine().build(SHOP, Issue(title="Shop"), tmp_path))
    report = verify_tree(tmp_path, gate=escape_findings, window=2, timeout=500)
    assert report.outcome == "healthy", report
    assert {str(service.verdict) for service in report.services} == {"healthy", "done"}
    assert report.answers
    assert all(answer.ok for answer in report.answers)
    assert all(build.ok and build.size for build in report.builds)
    assert report.left_behind == ()

    file = tmp_path / "src" / "docker-compose.yml"
    whole = file.read_text()
    broken = whole.replace("pg_isready", "pg_is_ready")
    assert broken != whole
    file.write_text(broken)
    report = verify_tree(tmp_path, gate=escape_findings, window=2, timeout=500)
    assert report.outcome == "unhealthy"
    assert report.cause is not None
    assert (report.root_cause, report.cause.code) == ("postgres", "program-missing")
    assert report.cause.place is not None
    lines = broken.splitlines()
    assert report.cause.place == Place(path="src/docker-compose.yml", line=report.cause.place.line)
    assert "healthcheck" in lines[report.cause.place.line - 1]
    blocked = {service.name for service in report.services if service.blocked_by == "postgres"}
    assert {"backend", "nginx"} <= blocked
