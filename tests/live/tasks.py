"""Three small tasks for a real model: one that a scaffold nearly covers, one that none does, and a repair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A repository and an issue; `what` is tried by it."""

    name: str
    what: str
    issue: str
    files: Mapping[str, str] = field(default_factory=dict)


TASKS = (
    Task(
        name="notes",
        what="documents that a scaffold covers, with one wish beyond it",
        issue="# Run the notes service\n\nDocker Compose. The API answers on port 8000; `GET /motto` says `carpe diem`.\n",
        files={"ARCHITECTURE.md": "# Notes\n\n- Backend: FastAPI\n- Database: PostgreSQL 16\n"},
    ),
    Task(
        name="counter",
        what="a back end that no scaffold has: plain Node without a framework, over Redis",
        issue="# Count visits\n\nRun it with Docker Compose. `GET /` answers with the number of visits, kept in Redis.\n",
        files={
            "IDEA.md": "# Counter\n\nA page that counts its visits.\n",
            "BUILD_SPEC.md": "# Counter\n\nBackend: Node's own `http` module, no framework, no dependencies but `redis`.\n",
        },
    ),
    Task(
        name="mend",
        what="a stack that is there and does not get healthy",
        issue="# The stack never gets healthy\n\n`docker compose up` hangs. Mend it; change no more than that needs.\n",
        files={
            "README.md": "# Hello\n\nA page served by Python's own web server, with Docker Compose.\n",
            "src/.gitignore": ".env\n",
            "src/web/index.html": "<h1>Hello</h1>\n",
            "src/web/Dockerfile": (
                "FROM python:3.12-slim\nWORKDIR /app\nCOPY index.html .\nUSER 1000\n"
                'CMD ["python", "-m", "http.server", "8080", "--bind", "0.0.0.0"]\n'
            ),
            "src/docker-compose.yml": (
                "services:\n  web:\n    build: ./web\n    ports:\n      - 127.0.0.1:8080:8080\n"
                "    deploy:\n      resources:\n        limits:\n          cpus: '0.5'\n          memory: 64M\n"
                "    healthcheck:\n      test: [CMD, curl, -f, 'http://localhost:8000/health']\n"
                "      interval: 3s\n      timeout: 3s\n      start_period: 5s\n"
            ),
        },
    ),
)
