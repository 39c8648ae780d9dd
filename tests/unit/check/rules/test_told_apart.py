"""Pairs that differ in one thing only: one is wrong and found, the other is right and passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.check.engine import Options, check_tree

COMPOSE = "src/docker-compose.yml"
NONE = "FROM nginx:1.27-alpine AS plain\nHEALTHCHECK NONE\nFROM nginx:1.27-alpine AS run\nHEALTHCHECK CMD wget -qO- http://127.0.0.1/\n"
NODE = 'FROM node:22-alpine\nWORKDIR /app\nCOPY . .\nCMD ["node", "server.js"]\n'
SCRIPTS = "FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n"


def built(check: str = "", *, target: str = "") -> str:
    stage = f", target: {target}" if target else ""
    return f"services:\n  api:\n    build: {{context: api{stage}}}\n    environment: {{PORT: 4000}}\n" + (
        f"    healthcheck:\n      test: {check}\n" if check else ""
    )


def node(server: str) -> dict[str, str]:
    check = "wget -qO- http://127.0.0.1:3000/"
    return {
        COMPOSE: built(check),
        "src/api/Dockerfile": NODE,
        "src/api/package.json": "{}",
        "src/api/server.js": server,
    }


def django(prefix: str) -> dict[str, str]:
    return {
        COMPOSE: built("curl -f http://127.0.0.1:8000/healthz/"),
        "src/api/Dockerfile": "FROM python:3.12\nWORKDIR /app\nCOPY . .\nCMD gunicorn shop.wsgi -b 0.0.0.0:8000\n",
        "src/api/manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
        "src/api/shop/settings.py": "ROOT_URLCONF = 'shop.urls'\n",
        "src/api/shop/urls.py": f"from django.urls import include, path\nurlpatterns = [path('{prefix}', include('core.urls'))]\n",
        "src/api/core/urls.py": "from django.urls import path\nfrom . import views\nurlpatterns = [path('healthz/', views.health)]\n",
    }


def waits(variable: str) -> dict[str, str]:
    stack = (
        "services:\n  api:\n    image: node:22\n    env_file: [{path: api.env}]\n  postgres:\n    image: postgres:16\n"
    )
    return {COMPOSE: stack, "src/api.env": variable}


def served(lines: str, image: str = "redis:7.4-alpine") -> dict[str, str]:
    return {COMPOSE: f"services:\n  api:\n    image: {image}\n    {lines}\n"}


def script(build: str) -> dict[str, str]:
    package = f'{{"scripts": {{"build": "{build}"}}, "devDependencies": {{"typescript": "5"}}}}'
    files = {"src/api/package.json": package, "src/api/package-lock.json": "{}"}
    return {COMPOSE: built(), "src/api/Dockerfile": SCRIPTS, **files}


@pytest.mark.parametrize(
    ("rule", "wrong", "right"),
    [
        (
            "healthcheck-disabled",
            {COMPOSE: built(target="plain"), "src/api/Dockerfile": NONE},
            {COMPOSE: built(target="run"), "src/api/Dockerfile": NONE},
        ),
        (
            "healthcheck-disabled",
            {COMPOSE: built(target="plain"), "src/api/Dockerfile": NONE},
            {COMPOSE: built("wget -qO- http://127.0.0.1/", target="plain"), "src/api/Dockerfile": NONE},
        ),
        ("healthcheck-endpoint", django("api/"), django("")),
        (
            "healthcheck-port",
            node(
                "const { PORT = 3000 } = process.env;\nconst app = require('http').createServer();\napp.listen(PORT);\n"
            ),
            node(
                "const { API_PORT = 3000 } = process.env;\nconst app = require('http').createServer();\napp.listen(API_PORT);\n"
            ),
        ),
        (
            "healthcheck-port",
            node("const p = process.env.PORT ?? 3000;\nrequire('http').createServer().listen(p);\n"),
            node("const p = process.env.API ?? 3000;\nrequire('http').createServer().listen(p);\n"),
        ),
        (
            "depends-on-missing",
            waits("DATABASE_URL=postgres://shop:${PASSWORD}@postgres:5432/shop\n"),
            waits("DATABASE_URL=postgres://shop:${PASSWORD}@db.example.org:5432/shop\n"),
        ),
        *(
            ("depends-on-missing", waits(variable), waits(variable.replace("postgres", "elsewhere")))
            for variable in (
                "PGHOST=postgres\n",
                "ConnectionStrings__Default=Host=postgres;Port=5432;Database=shop\n",
                "DSN='host=postgres user=shop dbname=shop'\n",
                "DATABASE=shop:${PASSWORD}@tcp(postgres:5432)/shop\n",
            )
        ),
        (
            "healthcheck-port",
            served("command: [redis-server, --port, '6380']\n    healthcheck: {test: nc -z 127.0.0.1 6379}"),
            served("command: [redis-server, /etc/redis.conf]\n    healthcheck: {test: nc -z 127.0.0.1 6380}"),
        ),
        (
            "healthcheck-slow",
            served("healthcheck: {test: curl -fsm5 http://127.0.0.1/}", "nginx:1.27"),
            served("healthcheck: {test: curl -fsm2 http://127.0.0.1/}", "nginx:1.27"),
        ),
        ("compose-invalid", served("restart: sometimes"), served("restart: on-failure:3")),
        (
            "compose-path-prefix",
            {
                COMPOSE: served("build: {context: ., dockerfile: src/api/Dockerfile}")[COMPOSE],
                "src/api/Dockerfile": NODE,
            },
            {COMPOSE: served("build: {context: ., dockerfile: api/Dockerfile}")[COMPOSE], "src/api/Dockerfile": NODE},
        ),
        (
            "summary-docs",
            served("") | {"src/QUICK_REFERENCE.md": "# Commands\n"},
            served("") | {"src/REFERENCE.md": "# Commands\n"},
        ),
        ("script-tool-missing", script("tsc -p . && cpx a b"), script("node -e 1 && cpx a b")),
    ],
)
def test_the_wrong_one_is_found_and_the_right_one_is_not(
    tmp_path: Path, rule: str, wrong: dict[str, str], right: dict[str, str]
) -> None:
    found = []
    for name, files in (("wrong", wrong), ("right", right)):
        for path, text in files.items():
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        found.append(rule in {finding.rule for finding in check_tree(tmp_path / name, Options()).findings})
    assert found == [True, False]
