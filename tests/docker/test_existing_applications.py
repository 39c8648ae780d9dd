"""Applications that were there before, for real: fitted, built as their lock files say, to healthy, asked, ended."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from bot.blueprint.engine import BlueprintEngine
from bot.blueprint.render import render
from bot.model.brief import Brief
from bot.model.issue import Issue
from tests.docker.test_blueprint_stacks import PATIENCE, Running, free_port, get, wait_until_settled
from tests.unit.blueprint.briefs import brief
from tests.unit.blueprint.fit.repositories import DJANGO_MANAGE, DJANGO_SETTINGS, EXPRESS_SERVER, GO_MAIN, package

pytestmark = pytest.mark.docker

LOCKED = {"npm": "npm install --package-lock-only", "pnpm": "npm install -g pnpm@9 && pnpm install --lockfile-only"}


def laravel() -> dict[str, str]:
    """A Laravel application with names and addresses of its own, and no Docker."""
    files = {file.path: file.content.decode() for file in render(brief(backend="laravel", database="postgresql"))}
    kept = {
        path: text
        for path, text in files.items()
        if path.startswith("src/backend/") and "Dockerfile" not in path and "/docker" not in path
    }
    database = "src/backend/config/database.php"
    kept[database] = kept[database].replace("DATABASE_NAME", "DB_DATABASE").replace("DATABASE_USER", "DB_USERNAME")
    kept[database] = kept[database].replace("DATABASE_", "DB_")
    routes = "src/backend/routes/api.php"
    kept[routes] = kept[routes].replace("/health", "/api/status")
    manifest = "src/backend/composer.json"
    kept[manifest] = kept[manifest].replace("app/backend", "shop/orders")
    return kept


REPOSITORIES: dict[str, dict[str, str]] = {
    "express": {
        "src/backend/package.json": package(
            scripts={"start": "node server.js"}, dependencies={"express": "^5.1.0", "pg": "^8.16.0"}
        ),
        "src/backend/server.js": EXPRESS_SERVER,
    },
    "fastify": {
        "src/backend/package.json": package(
            scripts={"build": "mkdir -p dist && cp index.js dist/", "start:prod": "node dist/index.js"},
            dependencies={"fastify": "^5.3.0", "redis": "^5.5.0"},
            packageManager="pnpm@9.15.0",
        ),
        "src/backend/index.js": "const f = require('fastify')({ logger: true });\n"
        "const client = require('redis').createClient({ url: process.env.REDIS_URL });\n"
        "f.get('/api/status', async () => ({ cache: await client.ping() }));\n"
        "client.connect().then(() => f.listen({ port: 5050, host: '0.0.0.0' }));\n"
        "process.on('SIGTERM', () => f.close().then(() => process.exit(0)));\n",
    },
    "fastapi": {
        "src/backend/requirements.txt": "fastapi==0.115.12\nuvicorn==0.34.2\nalembic==1.15.2\npsycopg[binary]==3.2.9\n"
        "pydantic-settings==2.9.1\n",
        "src/backend/alembic.ini": "[alembic]\nscript_location = alembic\n",
        "src/backend/alembic/env.py": "import os\nfrom alembic import context\nfrom sqlalchemy import create_engine\n"
        "with create_engine(os.environ['DATABASE_URL']).connect() as connection:\n"
        "    context.configure(connection=connection)\n    with context.begin_transaction():\n"
        "        context.run_migrations()\n",
        "src/backend/alembic/versions/0001_orders.py": "from alembic import op\nrevision = '0001'\ndown_revision = None\n"
        "def upgrade():\n    op.execute('CREATE TABLE orders (id int)')\n",
        "src/backend/app/settings.py": "from pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n"
        "    database_url: str = 'postgresql+psycopg://me:pw@localhost/orders'\n\n\nsettings = Settings()\n",
        "src/backend/app/__init__.py": "",
        "src/backend/app/main.py": "from fastapi import FastAPI\nfrom sqlalchemy import create_engine, text\n"
        "from app.settings import settings\n\napp = FastAPI()\nengine = create_engine(settings.database_url)\n\n\n"
        "@app.get('/api/v1/health')\ndef health() -> dict[str, int]:\n    with engine.connect() as connection:\n"
        "        return {'orders': connection.execute(text('SELECT count(*) FROM orders')).scalar_one()}\n",
    },
    "django": {
        "src/backend/requirements.txt": "django==5.2.1\ngunicorn==23.0.0\npsycopg[binary]==3.2.9\n",
        "src/backend/manage.py": DJANGO_MANAGE,
        "src/backend/shop/__init__.py": "",
        "src/backend/shop/settings.py": f"{DJANGO_SETTINGS}\nROOT_URLCONF = 'shop.urls'\n"
        "INSTALLED_APPS = ['django.contrib.contenttypes', 'django.contrib.auth']\n",
        "src/backend/shop/wsgi.py": "import os\nfrom django.core.wsgi import get_wsgi_application\n"
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\napplication = get_wsgi_application()\n",
        "src/backend/shop/urls.py": "from django.contrib.auth.models import User\nfrom django.http import JsonResponse\n"
        "from django.urls import path\n\n\ndef health(request):\n    return JsonResponse({'users': User.objects.count()})\n"
        "\n\nurlpatterns = [path('api/health', health)]\n",
        "src/frontend/package.json": package(scripts={"build": "vite build"}, devDependencies={"vite": "^6.3.0"}),
        "src/frontend/index.html": "<!doctype html><title>Shop</title><script type='module' src='/main.js'></script>",
        "src/frontend/main.js": "document.title = 'The shop';\n",
        "src/frontend/vite.config.js": "export default { build: { outDir: './www' } };\n",
    },
    "flask": {
        "src/backend/requirements.txt": "flask==3.1.1\npymysql==1.1.1\ncryptography==45.0.3\n",
        "src/backend/shop/__init__.py": "import os\nimport pymysql\nfrom flask import Flask\n\n\ndef create_app():\n"
        "    app = Flask(__name__)\n\n    @app.route('/up')\n    def up():\n        pymysql.connect(host=os.environ['DB_HOST'], "
        "user=os.environ['DB_USER'], password=os.environ['DB_PASSWORD'], database=os.environ['DB_NAME'])\n"
        "        return {'mysql': 'ok'}\n\n    return app\n",
    },
    "laravel": laravel(),
    "go": {"src/backend/go.mod": "module example/api\n\ngo 1.24\n", "src/backend/cmd/server/main.go": GO_MAIN},
}
# What is asked for, the page that is opened through the published address, and what it says.
ASKED: dict[str, tuple[Brief, str, bytes]] = {
    "express": (brief(database="postgresql", proxy="nginx"), "/api/items/3", b'{"secret":"set"}'),
    "fastify": (brief(cache="redis"), "/api/status", b'{"cache":"PONG"}'),
    "fastapi": (brief(database="postgresql"), "/api/v1/health", b'{"orders":0}'),
    "django": (brief(database="postgresql", proxy="nginx"), "/api/health", b'{"users": 0}'),
    "flask": (brief(database="mysql"), "/up", b'{"mysql":"ok"}\n'),
    "laravel": (
        brief(database="postgresql", proxy="nginx"),
        "/api/status",
        b'{"status":"ok","checks":{"database":"ok"}}',
    ),
    "go": (brief(), "/healthz", b"ok"),
}
# The one image here that has a shell and wget as Alpine's has; it stands in for the one that was chosen.
STANDINS = {"go": {"alpine:3.22": "docker-image://golang:1.24-alpine"}}


@pytest.fixture(params=REPOSITORIES)
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Running]]:
    name = request.param
    tmp_path.chmod(0o755)
    for path, text in REPOSITORIES[name].items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    if name in {"express", "fastify"}:
        lock(tmp_path / "src/backend", "pnpm" if name == "fastify" else "npm")
    work = asyncio.run(BlueprintEngine().build(ASKED[name][0], Issue(number=1, title="Run it", body=""), tmp_path))
    assert work.ended == ""
    src = tmp_path / "src"
    if (src / ".env.example").is_file():
        shutil.copy(src / ".env.example", src / ".env")
    with (src / ".env").open("a") as settings:
        settings.writelines(f"{port}={free_port()}\n" for port in ("HTTP_PORT", "BACKEND_PORT", "FRONTEND_PORT"))
    contexts = {"build": {"additional_contexts": STANDINS.get(name, {})}}
    (src / "standins.yml").write_text(json.dumps({"services": {"backend": contexts}}))
    stack = Running(
        root=tmp_path, project=f"gw-existing-{uuid4().hex[:8]}", files=("docker-compose.yml", "standins.yml")
    )
    try:
        stack.compose("up", "--build", "--detach", timeout=420)
        yield name, stack
    finally:
        stack.compose("down", "--volumes", "--rmi", "local", "--timeout", "1", check=False)


def lock(folder: Path, manager: str) -> None:
    command = ["docker", "run", "--rm", "-v", f"{folder}:/app", "-w", "/app", "node:22-alpine", "sh", "-c"]
    subprocess.run([*command, LOCKED[manager]], check=True, capture_output=True, timeout=180)


def test_an_application_that_was_there_starts_answers_and_ends(running: tuple[str, Running]) -> None:
    name, stack = running
    services = wait_until_settled(stack)
    for service, seen in services.items():
        assert seen["ExitCode"] == 0 if seen["State"] == "exited" else seen["Health"] == "healthy", service
        assert (seen["State"] == "exited") is (service == "migrate"), service
    _, page, said = ASKED[name]
    assert get(f"{stack.address()}{page}") == (200, said)
    if "frontend" in services:
        status, body = get(stack.address())
        assert (status, b"/assets/" in body) == (200, True), body
    begin = time.monotonic()
    stack.compose("stop", "backend")
    assert time.monotonic() - begin < PATIENCE
