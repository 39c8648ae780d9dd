"""Reading a folder: which reader knows its manifest, and what its own Dockerfile says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.blueprint.fit.application import Application, Unclear
from bot.blueprint.fit.code import Code
from bot.blueprint.fit.go import read_go
from bot.blueprint.fit.node import read_node
from bot.blueprint.fit.php import read_php
from bot.blueprint.fit.python import read_python
from bot.blueprint.fit.worker import read_worker
from bot.parse.dockerfile import parse_dockerfile
from bot.parse.dockerfile_image import built_image


def read_application(folder: Path, part: str) -> Application | Unclear:
    """Return the application in `folder`, which plays `part` (`backend` or `frontend`), or why it is not clear."""
    code = Code(folder)
    found = _read(code, part)
    return found if isinstance(found, Unclear) or part != "backend" else replace(found, worker=read_worker(code))


def _read(code: Code, part: str) -> Application | Unclear:
    if any(code.has(name) for name in ("manage.py", "pyproject.toml", "requirements.txt", "Pipfile")):
        return read_python(code)
    if code.has("go.mod"):
        return read_go(code)
    if code.has("composer.json"):
        return read_php(code)
    if code.has("package.json"):
        return read_node(code, part)
    return Unclear(why="this engine reads Node, Python, Go and PHP applications")


def with_dockerfile(found: Application, content: bytes) -> Application:
    """Return `found` with its own Dockerfile, whose `EXPOSE` outranks what the code says."""
    image = built_image(parse_dockerfile(content.decode(errors="replace"), "Dockerfile"))
    port = image.exposed[-1] if image and image.exposed else found.port
    return replace(
        found,
        own_dockerfile=content,
        port=port,
        start=(),
        seen=(f"its own `Dockerfile` builds it; it listens on {port}",),
    )
