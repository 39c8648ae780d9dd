"""Roles, managed services, and whether there is anything to build."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.brief.defaults import with_defaults
from bot.brief.read import read_document
from bot.model.brief import Brief


@pytest.fixture
def brief_of(tmp_path: Path):  # noqa: ANN201 - a small function, typed where it is used
    def read(text: str) -> Brief:
        path = tmp_path / "IDEA.md"
        path.write_text(text)
        return read_document(path)

    return read


@pytest.mark.parametrize(
    ("text", "caches", "queues"),
    [
        ("- Redis: cache of hot lists", ("redis",), ()),
        ("- Celery with Redis as broker", (), ("redis",)),
        ("- Redis for BullMQ, and as session cache", ("redis",), ("redis",)),
        ("- Celery, broker RabbitMQ\n- Redis: cache", ("redis",), ("rabbitmq",)),
        ("- BullMQ for mails", (), ("redis",)),
        ("- Redis for presence and pub/sub", ("redis",), ()),
        ("- Upstash Redis for rate limits", (), ()),
    ],
)
def test_redis_is_what_it_is_used_for(brief_of, text: str, caches: tuple[str, ...], queues: tuple[str, ...]) -> None:  # noqa: ANN001
    brief = brief_of(f"# Desk\nA web app.\n## Stack\n- Backend: FastAPI\n{text}\n")
    assert (brief.caches, brief.queues) == (caches, queues)


def test_a_managed_database_is_not_ours_to_run_and_says_whose_it_is(brief_of) -> None:  # noqa: ANN001
    brief = brief_of("# Desk\n## Stack\n- Backend: FastAPI\n- Database: PostgreSQL (Neon)\n")
    assert brief.databases == ()
    assert next(fact for fact in brief.facts if fact.value == "postgresql").detail == "managed: neon"


def test_managed_in_production_and_local_in_docker_runs_here(brief_of) -> None:  # noqa: ANN001
    brief = brief_of("# Desk\n## Stack\n- Backend: FastAPI\n- PostgreSQL (Neon in production, local Docker for dev)\n")
    assert brief.databases == ("postgresql",)


def test_what_a_device_keeps_until_it_is_online_is_no_database_of_the_stack(brief_of) -> None:  # noqa: ANN001
    stack = "# Desk\n## Stack\n- Backend: Laravel\n- Database: MySQL 8\n"
    assert brief_of(f"{stack}## Gateway\n- Local SQLite buffer, replayed on reconnect\n").databases == ("mysql",)
    assert "sqlite" in brief_of("# Desk\n## Stack\n- Backend: Laravel\n- Database: SQLite, works offline\n").databases


def test_nginx_that_only_serves_files_in_an_image_is_no_proxy(brief_of) -> None:  # noqa: ANN001
    text = "# Desk\n## Images\nThe UI image serves the static bundle with nginx.\n## Stack\n- Backend: Flask\n"
    assert brief_of(text).proxy is None
    shown = "# Desk\n## Stack\n- The UI: its build, served by nginx\n```\ndocker/ # Dockerfiles (api / nginx)\n```\n"
    assert brief_of(f"{shown}## Stack\n- Backend: Flask\n").proxy is None
    assert brief_of("# Desk\n## Stack\n- nginx as reverse proxy\n- Backend: Flask\n").proxy == "nginx"


@pytest.mark.parametrize(
    ("text", "domains"),
    [
        ("Production: https://shop.klee-brot.de", ("shop.klee-brot.de",)),
        ("Domain: example.com", ()),
        ("Domain: yourdomain.com", ()),
        ("DNS: raos.uz is an A record, www a CNAME to cname.vercel-dns.com", ("raos.uz",)),
        ("Deployed at desk.onrender.com", ()),
        ("The API is called at https://api.open-meteo.com/v1/forecast.", ()),
        ("Host(`desk.nordlicht.net`)", ("desk.nordlicht.net",)),
        ("See https://docs.nestjs.com for the domain layer.", ()),
    ],
)
def test_only_the_projects_own_domains_count(brief_of, text: str, domains: tuple[str, ...]) -> None:  # noqa: ANN001
    assert brief_of(f"# Desk\n\n{text}\n").custom_domains == domains


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# tally\nA command-line tool in Go with SQLite.", "command-line tool"),
        ("# Mosslight\nA 2D game made with Godot.", "game"),
        ("# Tabs\nA Chrome extension (Manifest V3) in React.", "extension"),
        ("# Diary\nA mobile app in Flutter. No backend.", "mobile app"),
        ("# Petal\nNext.js deployed on Vercel, Supabase as the database.", "vercel"),
        ("# Choir\nA static website on GitHub Pages. No database, no server.", "static files"),
    ],
)
def test_what_needs_no_hosting_says_why(brief_of, text: str, words: str) -> None:  # noqa: ANN001
    brief = brief_of(text)
    assert not brief.needs_infra
    assert words in brief.reason
    assert with_defaults(brief) == brief


def test_what_is_left_open_gets_the_default_and_a_question(brief_of) -> None:  # noqa: ANN001
    brief = brief_of("# Garden\nA web app in which members reserve a bed.\n")
    assert (brief.backend, brief.frontend, brief.databases, brief.orchestrator) == ((), (), (), None)
    filled = with_defaults(brief)
    assert (filled.backend, filled.frontend, filled.databases) == (("express",), ("react-vite",), ("postgresql",))
    assert filled.orchestrator == "docker-compose"
    assert [(point.topic, point.assumed) for point in filled.open] == [
        ("backend", "express"),
        ("frontend", "react-vite"),
        ("database", "postgresql"),
    ]
    assert filled.open == brief.open
    assert with_defaults(filled).backend == filled.backend


def test_an_api_alone_gets_no_front_end(brief_of) -> None:  # noqa: ANN001
    filled = with_defaults(brief_of("# Tariffs\nAn HTTP API. FastAPI, PostgreSQL.\n"))
    assert filled.frontend == ()


@pytest.mark.parametrize(
    ("said", "asked"),
    [("FastAPI or Django", "`fastapi` or `django`"), ("Node.js or Python FastAPI", "`node` or `fastapi`")],
)
def test_a_choice_that_is_left_open_is_asked_with_both_names(brief_of, said: str, asked: str) -> None:  # noqa: ANN001
    filled = with_defaults(brief_of(f"# Roster\nA web app.\n## Stack\n- Backend: {said}\n- React\n- PostgreSQL\n"))
    point = next(point for point in filled.open if point.topic == "backend")
    assert asked in point.question
    assert point.assumed == "express"
    assert point.evidence[0].line == 4
