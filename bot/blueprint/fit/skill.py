"""A skill made for one application: the templates of `skills/fit`, with what was read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

from bot.blueprint.fit.application import Application
from bot.blueprint.fit.wires import Wires
from bot.blueprint.fit.worker import check_lines
from bot.blueprint.library import Library
from bot.blueprint.skill import Part, Service, Skill, Variable

_FIT: Final = "fit"
_LINKED: Final[tuple[Part, ...]] = ("database", "cache", "queue")
_WORDS: Final = {"backend": "back end", "frontend": "front end"}


def fitted(
    application: Application,
    part: Literal["backend", "frontend"],
    wires: Wires,
    names: Mapping[Part, str],
    library: Library,
) -> Skill:
    """Return the skill that plays `part` with the application in `src/backend` or `src/frontend`."""
    fit = library.skills[_FIT]
    migrates = bool(application.migrate) and "database" in wires.uses
    works = part == "backend" and bool(application.worker) and bool(names["worker"])
    links = tuple(name for name in _LINKED if name in wires.uses)
    after = {"migrate": "service_completed_successfully"} if migrates else {}
    own = Service(name=part, links=links, after=after if part == "backend" else {"backend": "service_healthy"})  # type: ignore[arg-type]
    port = Variable(
        name=f"{part.upper()}_PORT",
        value="8000" if part == "backend" else "3000",
        comment=f"Where the {_WORDS[part]} answers on this machine.",
        when="!proxy",
    )
    return replace(
        fit,
        name=f"{_FIT}-{part}",
        title=f"{application.framework} (src/{part})",
        names={part: (names[part] or application.framework,)},
        directory=part,
        supports={name: (names[name],) for name in links},
        services=(
            *((Service(name="migrate", links=links),) if migrates else ()),
            own,
            *((Service(name="worker", links=links, after=own.after),) if works else ()),
        ),
        variables=(port, *wires.variables),
        files=_files(application, part, fit, library),
        facts={
            "app": application,
            "folder": part,
            "probe": probe(application),
            "wires": wires.environment,
            "published": port.value,
            "start": json.dumps(list(application.start)),
            "migration": json.dumps(list(application.migrate)),
            "working": json.dumps(list(application.worker)),
            "worker_check": check_lines(application.worker) if works else (),
            "target": not application.own_dockerfile,
        },
    )


def probe(application: Application) -> str:
    """Return the check's `test`, asked with what is surely in the image; "" where its own Dockerfile has a check."""
    if b"HEALTHCHECK" in application.own_dockerfile:
        return ""
    port, page = application.port, application.health
    url = f"http://127.0.0.1:{port}{page}"
    if application.runtime == "node":
        script = (
            f"fetch('{url}').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"
            if page
            else f"require('net').connect({port}, '127.0.0.1').on('connect', () => process.exit(0))"
            ".on('error', () => process.exit(1))"
        )
        return json.dumps(["CMD", "node", "-e", script])
    if application.runtime == "python":
        script = (
            f"import urllib.request; urllib.request.urlopen('{url}', timeout=2)"
            if page
            else f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        )
        return json.dumps(["CMD", "python", "-c", script])
    if page:
        return json.dumps(["CMD", "wget", "-q", "-O", "/dev/null", "-T", "2", url])
    return json.dumps(["CMD", "nc", "-z", "-w", "2", "127.0.0.1", str(port)])


def _files(application: Application, part: str, fit: Skill, library: Library) -> dict[str, bytes]:
    service = fit.files["compose/service.yml.j2"]
    files = {f"compose/{part}.yml.j2": service}
    files |= {path: fit.files[path] for path in ("compose/migrate.yml.j2", "compose/worker.yml.j2")}
    if application.own_dockerfile:
        # The same content is no obstacle when files are placed; other hosts read it there.
        return files | {f"scaffold/{part}/Dockerfile": application.own_dockerfile}
    files[f"scaffold/{part}/Dockerfile.j2"] = fit.files[f"dockerfile/{application.runtime}.j2"]
    files[f"scaffold/{part}/dot-dockerignore"] = fit.files["dockerfile/dot-dockerignore"]
    if application.runtime == "php":
        served = library.skills["laravel-scaffold"].files
        root = f"root {application.output or '.'};".encode()
        for name in ("nginx.conf", "php-fpm.conf", "php/app.ini", "serve.sh"):
            content = served[f"scaffold/backend/docker/{name}"].replace(b"root public;", root)
            files[f"scaffold/{part}/docker/{name}"] = content
    if application.runtime == "static":
        server = library.skills["react-vite-scaffold"].files["scaffold/frontend/nginx.conf.j2"]
        files[f"scaffold/{part}/docker-nginx.conf.j2"] = server
    return files
