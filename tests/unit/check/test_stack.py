"""The stack as a pull request tells it."""

from __future__ import annotations

from pathlib import Path

from bot.check.stack import read_stack
from bot.model.stack import Need, Port
from tests.data.check.trees import clean, lay

_CLEAN = dict(clean())


def test_a_whole_stack(tmp_path: Path) -> None:
    stack = read_stack(lay(tmp_path, _CLEAN["laravel"]))
    assert stack is not None
    assert stack.path == "src/docker-compose.yml"
    by_name = {service.name: service for service in stack.services}
    assert {name: service.role for name, service in by_name.items()} == {
        "app": "backend",
        "worker": "worker",
        "migrate": "one-shot",
        "nginx": "proxy",
        "mysql": "database",
        "redis": "cache",
        "mailpit": "other",
    }
    nginx = by_name["nginx"]
    assert nginx.ports == (Port(published=8080, target=80),)
    assert nginx.check_words == "`GET /healthz`"
    assert nginx.check_in == "src/docker-compose.yml:80"
    assert nginx.needs == (Need(service="app", condition="service_healthy"),)
    assert by_name["mysql"].check_words == "`mysqladmin ping`"
    assert by_name["redis"].check_words == "`redis-cli ping`"
    assert by_name["mysql"].volumes == ("mysql_data",)
    assert (by_name["app"].build, by_name["app"].target, by_name["app"].image) == ("src/backend", "development", "")
    assert by_name["migrate"].one_shot


def test_a_check_in_the_dockerfile_is_told_with_its_place(tmp_path: Path) -> None:
    stack = read_stack(lay(tmp_path, _CLEAN["fastapi-traefik"]))
    assert stack is not None
    api = stack.services[0]
    assert api.check_words == "`GET /health`"
    assert api.check_in == "src/backend/Dockerfile:14"
    assert 8000 in api.listens


def test_no_stack_is_none(tmp_path: Path) -> None:
    assert read_stack(tmp_path) is None
    lay(tmp_path, {"src/docker-compose.yml": "services: [\n"})
    assert read_stack(tmp_path) is None
