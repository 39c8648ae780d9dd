"""Which framework serves HTTP in a runtime, and whether it serves a path."""

from __future__ import annotations

import importlib
import re
from typing import Final, cast

from bot.check.sources.folder import Folder
from bot.check.sources.nginx_conf import answers, parse_nginx, servers
from bot.check.sources.package_json import read_package_json
from bot.check.sources.routes import Routes
from bot.check.sources.runtime import Runtime

_NODE: Final = frozenset(
    {"node", "nodemon", "tsx", "ts-node", "ts-node-dev", "tsnd", "bun", "nest", "pm2", "pm2-runtime"}
)
_PYTHON: Final = frozenset({"uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "fastapi", "flask", "manage.py"})
_PHP: Final = frozenset({"php", "php-fpm", "apache2-foreground", "frankenphp", "supervisord"})
# Servers and frameworks that are not read here: their presence makes everything else uncertain.
_OTHER_NODE: Final = re.compile(
    r"^(?:koa|@hapi/hapi|hono|@adonisjs/core|restify|polka|h3|nitropack|nuxt|@sveltejs/kit|@remix-run/.*|astro"
    r"|strapi|@strapi/.*|meteor|sails|@feathersjs/.*|@trpc/server|apollo-server|graphql-yoga)$"
)
_CODE: Final = (".js", ".ts", ".mjs", ".cjs", ".py", ".php", ".go", ".conf", ".jsx", ".tsx")


# framework -> (module, function): each is imported only where its framework is met
_READERS: Final[dict[str, tuple[str, str]]] = {
    "django": ("routes_django", "django_routes"),
    "express": ("routes_express", "express_routes"),
    "fastapi": ("routes_python", "fastapi_routes"),
    "fastify": ("routes_fastify", "fastify_routes"),
    "flask": ("routes_python", "flask_routes"),
    "go": ("routes_go", "go_routes"),
    "laravel": ("routes_laravel", "laravel_routes"),
    "nest": ("routes_nest", "nest_routes"),
    "next": ("routes_next", "next_routes"),
    "vite": ("routes_vite", "vite_routes"),
}


def _read(framework: str, *arguments: object) -> Routes:
    module, function = _READERS[framework]
    reader = getattr(importlib.import_module(f"bot.check.sources.{module}"), function)
    return cast("Routes", reader(*arguments))


def application_routes(runtime: Runtime) -> Routes | None:
    """Return the routes of the one framework that serves HTTP; None where none is recognised for certain."""
    files = runtime.files
    if runtime.runs("vite"):
        return _read("vite", files) if all(p.arguments[:1] != ("build",) for p in runtime.processes) else None
    if runtime.runs("next"):
        return _read("next", files)
    for command in runtime.processes:
        if command.program in _NODE:
            return _node(files)
        if command.program in _PYTHON or re.fullmatch(r"python[\d.]*", command.program):
            return _python(files)
        if command.program in _PHP:
            return _read("laravel", files) if _laravel(files) else None
    if files.named("go.mod") and "go.mod" in files:
        return _read("go", files) if runtime.processes and not runtime.runs("nginx", "supervisord") else None
    return None


def _node(files: Folder) -> Routes | None:
    package = read_package_json(files)
    if package is None:
        return None
    names = package.dependencies
    if any(_OTHER_NODE.match(name) for name in names):
        return None
    if "@nestjs/core" in names:
        return _read("nest", files)
    servers_ = names & {"express", "fastify", "next"}
    if servers_ == {"express"}:
        return _read("express", files, names)
    if servers_ == {"fastify"}:
        return _read("fastify", files, names)
    return _read("next", files) if servers_ == {"next"} else None


def _python(files: Folder) -> Routes | None:
    texts = [text for _, text in files.sources(".py")]
    found = [
        name
        for name, pattern in (
            ("django", r"^\s*ROOT_URLCONF\b"),
            ("fastapi", r"\bFastAPI\s*\("),
            ("flask", r"\bFlask\s*\("),
        )
        if any(re.search(pattern, text, re.MULTILINE) for text in texts)
    ]
    if len(found) != 1:
        return None
    return _read(found[0], files)


def _laravel(files: Folder) -> bool:
    proof = "artisan" in files or "laravel/framework" in (files.text("composer.json") or "")
    return proof and any(path in files for path in ("routes/web.php", "routes/api.php"))


def serves(runtime: Runtime, path: str) -> tuple[bool | None, Routes | None]:
    """Whether a runtime answers GET `path`, and the routes that tell; None where it cannot be told."""
    if runtime.runs("nginx"):
        return _nginx(runtime, path), None
    routes = application_routes(runtime)
    if routes is None:
        return None, None
    verdict = routes.serves(path)
    if verdict is False and routes.framework != "Vite" and _mentioned(runtime.files, routes, path):
        return None, routes
    return verdict, routes


def _mentioned(files: Folder, routes: Routes, path: str) -> bool:
    """Whether the sources name the path more often than the known routes explain: then something was missed."""
    bare = path.strip("/")
    if not bare:
        return True  # a start page may come from anywhere
    slash = "/" if routes.framework in {"Express", "Fastify", "Go", "FastAPI", "Flask", "Next.js"} else "/?"
    pattern = re.compile(rf"['\"`]{slash}{re.escape(bare)}/?['\"`]")
    count = sum(len(pattern.findall(text)) for _, text in files.sources(*_CODE))
    wanted = bare.split("/")
    explained = sum(
        1 for route in routes.routes if not route.floating and route.pattern.split("/")[1:][-len(wanted) :] == wanted
    )
    return count > explained


def _nginx(runtime: Runtime, path: str) -> bool | None:
    """Whether nginx alone answers a path; None where files or another server decide."""
    if any(command.program not in {"nginx", "envsubst"} for command in runtime.processes):
        return None
    texts = runtime.nginx_texts
    if texts is None:
        return None
    found = [server for text in texts for server in servers(parse_nginx(text))]
    if not texts:
        return None if path == "/" or "." in path.rpartition("/")[2] or _has_file(runtime, path) else False
    if len(found) != 1:
        return None
    verdict = answers(found[0], path)
    if verdict is False and ("." in path.rpartition("/")[2] or _has_file(runtime, path)):
        return None
    return verdict


def _has_file(runtime: Runtime, path: str) -> bool:
    """Whether any file of the tree could be what a static path means."""
    name = path.strip("/")
    return any(each.endswith(f"/{name}") or f"/{name}/index." in f"/{each}" for each in runtime.tree.files)
