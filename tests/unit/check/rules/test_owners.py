"""PERM01: whose the files are that a container writes into the code; DF07: directories that a variable moves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.check.rules import app_user_missing, runtime_dirs
from bot.model.finding import Finding

Check = Callable[..., list[Finding]]

COMPOSE = """
services:
  web:
    build: .
    volumes: [".:/app"]
"""
LARAVEL = {
    "src/app/artisan": "#!/usr/bin/env php\n",
    "src/app/composer.json": '{"require": {"laravel/framework": "^12.0"}}',
}


@pytest.mark.parametrize(
    ("user", "whose"),
    [("", "belongs to root"), ("USER 0\n", "belongs to root"), ("USER python\n", "`python` of the image")],
)
def test_it_is_said_whose_the_files_become(findings: Check, user: str, whose: str) -> None:
    files = {"src/docker-compose.yml": COMPOSE, "src/Dockerfile": f"FROM python:3.12-slim\n{user}", "src/app.py": ""}
    (found,) = findings(app_user_missing.RULE, files)
    assert whose in found.message


@pytest.mark.parametrize(
    ("moved", "left"),
    [
        ("", ("storage/framework/views", "bootstrap/cache")),
        ("ENV LARAVEL_STORAGE_PATH=/tmp/storage\n", ("bootstrap/cache",)),
        ("ENV LARAVEL_STORAGE_PATH=/tmp/storage APP_SERVICES_CACHE=/tmp/services.php\n", ()),
    ],
)
def test_directories_that_lie_elsewhere_are_not_asked_for(findings: Check, moved: str, left: tuple[str, ...]) -> None:
    dockerfile = f"FROM php:8.4-fpm\nWORKDIR /app\n{moved}COPY . .\n"
    found = findings(runtime_dirs.RULE, {**LARAVEL, "src/app/Dockerfile": dockerfile})
    assert len(found) == bool(left)
    assert all(f"`{folder}`" in found[0].message for folder in left)
    assert not found or ("storage" in found[0].message) is ("storage/framework/views" in left)
