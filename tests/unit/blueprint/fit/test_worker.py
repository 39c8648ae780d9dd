"""What starts a worker is read from the code, or is not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.blueprint.fit.code import Code
from bot.blueprint.fit.worker import read_worker
from tests.unit.blueprint.fit.repositories import package


@pytest.mark.parametrize(
    ("files", "command"),
    [
        (
            {"app/tasks.py": "from celery import Celery\napp = Celery('x')\n"},
            "celery -A app.tasks:app worker --loglevel=INFO",
        ),
        ({"shop/__init__.py": "queue: Celery = Celery()\n"}, "celery -A shop:queue worker --loglevel=INFO"),
        ({"jobs.py": "import dramatiq\n@dramatiq.actor\ndef mail(): ...\n"}, "dramatiq jobs"),
        ({"worker.py": "print(1)\n"}, "python worker.py"),
        ({"app/worker.py": "from . import db\n", "app/__init__.py": ""}, "python -m app.worker"),
        ({"main.py": "print('Celery(')\n"}, ""),
        (
            {"src/manage.py": "x\n", "src/config/celery.py": "app = Celery('x')\n"},
            "celery -A config.celery:app --workdir src worker --loglevel=INFO",
        ),
        (
            {"shop/app.py": "def create_celery_app():\n    return Celery()\n\n\ncelery_app = create_celery_app()\n"},
            "celery -A shop.app:celery_app worker --loglevel=INFO",
        ),
        (
            {"artisan": "<?php\n", "package.json": package(scripts={"worker": "vite"})},
            "php artisan queue:work --tries=3 --timeout=60 --max-time=3600",
        ),
        ({"package.json": package(scripts={"worker": "node dist/worker.js --quiet"})}, "node dist/worker.js --quiet"),
        ({"package.json": package(scripts={"worker": "NODE_ENV=production node w.js"})}, "npm run --silent worker"),
        ({"package.json": package(scripts={"queue": "node a.js && node b.js"})}, "npm run --silent queue"),
        ({"package.json": package(), "src/worker.js": "x"}, "node src/worker.js"),
        ({"package.json": package(), "src/worker.ts": "x"}, ""),
        ({"package.json": "{"}, ""),
        ({"package.json": "[]"}, ""),
        ({"main.go": "package main\n"}, ""),
        ({}, ""),
    ],
)
def test_the_command_that_runs_it(tmp_path: Path, files: dict[str, str], command: str) -> None:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert " ".join(read_worker(Code(tmp_path))) == command
