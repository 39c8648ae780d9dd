"""Routes of Laravel: `routes/web.php`, `routes/api.php`, and the health route of `bootstrap/app.php`."""

from __future__ import annotations

import re
from typing import Final

from bot.check.sources.code import arguments_at, literal, without_comments
from bot.check.sources.folder import Folder
from bot.check.sources.routes import Routes, brace_pattern, joined

_CALL: Final = re.compile(
    r"(?:\bRoute\s*::|->)\s*(get|any|match|view|redirect|resource|apiResource|livewire|inertia)\s*\("
)
_GROUP: Final = re.compile(r"(?:\bRoute\s*::|->)\s*group\s*\(")
_PREFIX: Final = re.compile(r"(?:\bRoute\s*::|->)\s*prefix\s*\(")
_HEALTH: Final = re.compile(r"\bhealth\s*:\s*([^,)\n]+)")
_API_PREFIX: Final = re.compile(r"\bapiPrefix\s*:\s*([^,)\n]+)")
_KNOWN_FILES: Final = frozenset({"web.php", "api.php", "console.php", "channels.php", "auth.php", "settings.php"})


def laravel_routes(folder: Folder) -> Routes:
    """Read the routes of the Laravel application in `folder` (where `artisan` is)."""
    routes = Routes("Laravel")
    bootstrap = without_comments(folder.text("bootstrap/app.php") or "", php=True)
    provider = without_comments(folder.text("app/Providers/RouteServiceProvider.php") or "", php=True)
    files = [path for path in folder.paths if path.startswith("routes/") and path.endswith(".php")]
    if not files:
        routes.unsure = "there is no routes folder"
    if any(path.removeprefix("routes/") not in _KNOWN_FILES for path in files) or "then:" in bootstrap:
        routes.unsure = "there are route files of an own arrangement"
    _health(bootstrap, routes)
    api = _API_PREFIX.search(bootstrap)
    prefix = literal(api[1]) if api else "api"
    if provider and not re.search(r"prefix\(\s*'api'\s*\)", provider):
        prefix = None
    for path in files:
        text = without_comments(folder.text(path) or "", php=True)
        if path == "routes/api.php":
            _file(text, prefix if prefix is not None else "", routes, floating=prefix is None)
        elif path in {"routes/console.php", "routes/channels.php"}:
            continue
        else:
            _file(text, "", routes, floating=path not in {"routes/web.php", "routes/auth.php", "routes/settings.php"})
    return routes


def _health(bootstrap: str, routes: Routes) -> None:
    match = _HEALTH.search(bootstrap)
    if match:
        path = literal(match[1])
        if path is None:
            routes.unsure = "the health route is computed"
        else:
            routes.add(joined(path))


def _file(text: str, prefix: str, routes: Routes, *, floating: bool) -> None:
    spans = _groups(text, routes)
    for match in _CALL.finditer(text):
        arguments, _ = arguments_at(text, match.end() - 1)
        if match[1] == "match":
            arguments = arguments[1:] if arguments and re.search("get|head", arguments[0], re.IGNORECASE) else ()
        if not arguments or (match[0].startswith("->") and len(arguments) < 2):
            continue
        path = literal(arguments[0])
        if path is None:
            routes.unsure = "a route is computed"
            continue
        outer = [group for start, end, group in spans if start <= match.start() < end]
        own = _own_prefix(text, match.start())
        pattern = joined(prefix, *outer, own, brace_pattern(path))
        routes.add(joined(pattern, "{*}") if "esource" in match[1] else pattern, floating=floating)
    if re.search(r"\bRoute\s*::\s*fallback\s*\(", text):
        routes.add("/{*}")
    if re.search(r"\brequire(?:_once)?\b(?!\s*__DIR__\s*\.\s*['\"]/(?:auth|settings)\.php)|::routes\(", text):
        routes.unsure = "route files include others"


def _groups(text: str, routes: Routes) -> list[tuple[int, int, str]]:
    """Return (start, end, prefix) of each group's body."""
    found = []
    for match in _GROUP.finditer(text):
        arguments, end = arguments_at(text, match.end() - 1)
        prefix = _own_prefix(text, match.start())
        if len(arguments) == 2:  # the array form: ['prefix' => 'x', ...]
            inner = re.search(r"['\"]prefix['\"]\s*=>\s*([^,\]]+)", arguments[0])
            prefix = (literal(inner[1]) or "") if inner else prefix
            if inner and literal(inner[1]) is None:
                routes.unsure = "a group's prefix is computed"
        found.append((match.end(), end, prefix))
    return found


def _own_prefix(text: str, at: int) -> str:
    """Return the prefixes chained in front of a call: `Route::middleware(..)->prefix('x')->group(`."""
    start = max(text.rfind(";", 0, at), text.rfind("{", 0, at), text.rfind("<?php", 0, at))
    parts = []
    for match in _PREFIX.finditer(text, start + 1, at):
        arguments, _ = arguments_at(text, match.end() - 1)
        parts.append(literal(arguments[0]) or "{*}" if arguments else "")
    return joined(*parts) if parts else ""
