"""Stacks that people wrote, in their own ways, around applications of their own."""

from __future__ import annotations

from typing import Final

from tests.unit.blueprint.fit.repositories import EXPRESS_SERVER, package

_NODE: Final = {
    "src/backend/package.json": package(
        scripts={"start": "node server.js", "worker": "node worker.js"},
        dependencies={"express": "^5.1.0", "pg": "^8.16.0", "redis": "^5.5.0"},
    ),
    "src/backend/server.js": EXPRESS_SERVER.replace("const app", "const cache = process.env.REDIS_URL;\nconst app", 1),
    "src/backend/worker.js": "console.log(process.env.REDIS_URL);\n",
    "src/backend/Dockerfile": 'FROM node:22-alpine\nCOPY . .\nEXPOSE 4000\nUSER node\nCMD ["node", "server.js"]\n',
}
_PYTHON: Final = {
    "src/backend/requirements.txt": "fastapi\ncelery\nuvicorn\n",
    "src/backend/app/main.py": "import os\nfrom fastapi import FastAPI\napp = FastAPI()\nURL = os.environ['REDIS_URL']\n",
    "src/backend/app/jobs.py": "from celery import Celery\nqueue = Celery('jobs')\n",
    "src/backend/Dockerfile": 'FROM python:3.12-slim\nCOPY . .\nEXPOSE 8000\nUSER 1000\nCMD ["uvicorn", "app.main:app"]\n',
}
WIDE: Final = """\
# Our stack. Ask Ana before you change the ports.
version: "3.9"

x-logging: &logging
    logging:
        driver: json-file   # rotated by the host

services:
    db:
        image: postgres:16     # do not upgrade yet
        environment:
            - POSTGRES_PASSWORD=secret
        volumes: [ "pg:/var/lib/postgresql/data" ]
        networks: [inner, other]

    # The API, on 4000 because the phones know it.
    api:
        <<: *logging
        build:
            context: ./backend   # built here
        environment: &settings
            DATABASE_URL: postgresql://postgres:secret@db:5432/postgres
            PORT: "4000"
        ports:
            - "4000:4000"
        depends_on:
            - db  # it needs it
        networks: [inner, outer]

networks:
    inner: {}
    outer: {}
    other: {}

# Backed up each night.
volumes:
    pg:   # kept
"""
NARROW: Final = """\
services:
  db:
    image: postgres:16
  api:
    build: ./backend
    environment:
    - A=1
    depends_on: [db]"""
FLUSH: Final = """\
volumes:
services:
  app:
    build: backend
    env_file: settings.env
    depends_on:
    # both
    - db
    - mail
  db:
    image: mariadb:11
  mail:
    image: axllent/mailpit
"""
BARE: Final = "services:\n  web:\n    build: {context: ./backend}\n"
STACKS: Final[dict[str, dict[str, str]]] = {
    "wide": {**_NODE, "src/docker-compose.yml": WIDE},
    "narrow": {**_PYTHON, "src/compose.yaml": NARROW},
    "flush": {**_NODE, "src/docker-compose.yml": FLUSH, "src/settings.env": "X=1\n"},
    "bare": {**_PYTHON, "src/docker-compose.yaml": BARE},
    "windows": {**_NODE, "src/compose.yml": WIDE.replace("\n", "\r\n")},
}
