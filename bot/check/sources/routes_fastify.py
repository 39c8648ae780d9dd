"""Routes of Fastify: instances, plugins registered with a prefix."""

from __future__ import annotations

import re
from typing import Final

from bot.check.sources.code import calls, literal, without_comments
from bot.check.sources.folder import Folder
from bot.check.sources.modules_js import ENDINGS, imported_names, resolve
from bot.check.sources.routes import Routes, express_pattern, joined

_ROOT: Final = re.compile(
    r"\b([\w$]+)\s*(?::\s*[\w$.<>, ]+)?\s*=\s*(?:await\s+)?(?:[Ff]astify|require\(['\"]fastify['\"]\))\s*\("
)
_ROUTE: Final = re.compile(r"(?:\b([\w$]+)|\))\s*(?:<[^()]*>)?\.\s*(get|head|all|route)\s*(?:<[^()]*?>)?\(")
_REGISTER: Final = re.compile(r"\b([\w$]+)\s*\.\s*(register)\s*\(")
_PREFIX: Final = re.compile(r"\bprefix\s*:\s*([^,}]+)")
_URL: Final = re.compile(r"\b(?:url|path)\s*:\s*([^,}]+)")
_METHOD: Final = re.compile(r"\bmethod\s*:\s*([^\n]+)")
_ANSWERS: Final = re.compile(r"health|under-pressure|autoload|proxy|static|swagger|mercurius|terminus|next|vite")


def fastify_routes(folder: Folder, dependencies: frozenset[str]) -> Routes:
    """Read the routes of the Fastify application in `folder`; `dependencies` are its packages."""
    routes = Routes("Fastify")
    answering = sorted(name for name in dependencies if _ANSWERS.search(name))
    if answering:
        routes.unsure = f"{answering[0]} may answer on paths of its own"
    texts = {path: without_comments(text) for path, text in folder.sources(*ENDINGS)}
    rooted = [path for path, text in texts.items() if _ROOT.search(text)]
    if not rooted:
        routes.unsure = routes.unsure or "no fastify() call was found"
    prefixes = _prefixes(folder, texts, rooted)
    for path, text in texts.items():
        roots = {match[1] for match in _ROOT.finditer(text)}
        for call in calls(text, _ROUTE):
            if call.method == "get" and len(call.arguments) < 2:
                continue
            pattern = _pattern(call.method, call.arguments)
            if pattern is None:
                if call.receiver in roots:
                    routes.unsure = routes.unsure or f"{path} computes a route"
            elif call.receiver in roots:
                routes.add(express_pattern(pattern))
            elif pattern.startswith(("/", "*")):
                for prefix in prefixes.get(path, ()) or (None,):
                    routes.add(joined(prefix or "", express_pattern(pattern)), floating=prefix is None)
    return routes


def _pattern(method: str, arguments: tuple[str, ...]) -> str | None:
    if method != "route":
        return literal(arguments[0]) if arguments else None
    options = arguments[0] if arguments else ""
    verb = _METHOD.search(options)
    if verb and not re.search(r"GET|HEAD", verb[1]):
        return ""
    url = _URL.search(options)
    return literal(url[1]) if url else None


def _prefixes(folder: Folder, texts: dict[str, str], rooted: list[str]) -> dict[str, list[str]]:
    """Return file -> prefixes under which its plugin is registered, as far as they can be followed."""
    found: dict[str, list[str]] = {}
    waiting = [(path, "") for path in rooted]
    seen = set(waiting)
    while waiting and len(seen) < 1000:
        path, outer = waiting.pop()
        imports = imported_names(texts[path])
        for call in calls(texts[path], _REGISTER):
            options = call.arguments[1] if len(call.arguments) > 1 else ""
            match = _PREFIX.search(options)
            prefix = literal(match[1]) if match else ""
            plugin = re.match(r"[\w$]+", call.arguments[0]) if call.arguments else None
            required = (
                re.search(r"""(?:require|import)\(\s*['"]([^'"]+)['"]""", call.arguments[0]) if call.arguments else None
            )
            module = required[1] if required else imports.get(plugin[0], "") if plugin else ""
            target = resolve(folder, path, module) if module else None
            if target is not None and target in texts and prefix is not None:
                step = (target, joined(outer, prefix) if prefix or outer else "")
                found.setdefault(target, []).append(step[1])
                if step not in seen:
                    seen.add(step)
                    waiting.append(step)
    return found
