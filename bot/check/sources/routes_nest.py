"""Routes of NestJS: controllers, methods, the global prefix and its exceptions."""

from __future__ import annotations

import re
from typing import Final

from bot.check.sources.code import arguments_at, literal, literals, without_comments
from bot.check.sources.folder import Folder
from bot.check.sources.routes import Routes, express_pattern, joined

_CONTROLLER: Final = re.compile(r"@Controller\s*\(")
_METHOD: Final = re.compile(r"@(Get|All|Head|HealthCheck)\s*\(")
_GLOBAL: Final = re.compile(r"\.setGlobalPrefix\s*\(")
_PATH: Final = re.compile(r"\bpath\s*:\s*(\[[^\]]*\]|[^,}]+)")
_EXCLUDED: Final = re.compile(r"""['"]([^'"]+)['"]""")
_UNSURE: Final = {
    r"\.enableVersioning\s*\(": "versioning adds a prefix to routes",
    r"\bRouterModule\b": "RouterModule adds prefixes to routes",
    r"\bServeStaticModule\b": "ServeStaticModule serves files",
    r"\bGraphQLModule\b": "GraphQL answers on a path of its own",
    r"\bPrometheusModule\b": "a module answers on a path of its own",
    r"\bapp\s*\.\s*use\s*\(\s*['\"`/]": "a middleware is mounted on a path",
    r"\.getHttpAdapter\(\)\s*\.\s*(?:get|use|all)": "routes are added to the HTTP adapter",
    r"\bcreateMicroservice\s*\(": "it is a microservice, not an HTTP server",
}


def nest_routes(folder: Folder) -> Routes:
    """Read the routes of the NestJS application in `folder`."""
    routes = Routes("NestJS")
    prefix, excluded = "", []
    texts = [without_comments(text) for _, text in folder.sources(".ts", ".js")]
    for text in texts:
        for pattern, why in _UNSURE.items():
            if re.search(pattern, text):
                routes.unsure = why
        for match in _GLOBAL.finditer(text):
            arguments, _ = arguments_at(text, match.end() - 1)
            value = literal(arguments[0]) if arguments else None
            if value is None:
                routes.unsure = "the global prefix is computed"
            else:
                prefix = value
            if len(arguments) > 1:
                excluded += [joined(found[1]) for found in _EXCLUDED.finditer(arguments[1])]
    for text in texts:
        for pattern in _controllers(text, routes):
            bare = pattern in excluded or any(_covers(each, pattern) for each in excluded)
            routes.add(pattern if bare else joined(prefix, pattern))
    if not routes.routes and not routes.unsure:
        routes.unsure = "no controller was found"
    return routes


def _covers(excluded: str, pattern: str) -> bool:
    return excluded.endswith(("*", ")")) and pattern.startswith(
        excluded.split("(", maxsplit=1)[0].split("*", maxsplit=1)[0].rstrip("/")
    )


def _controllers(text: str, routes: Routes) -> list[str]:
    """Return the patterns of each controller in a file, without the global prefix."""
    found = []
    heads = list(_CONTROLLER.finditer(text))
    for index, head in enumerate(heads):
        arguments, end = arguments_at(text, head.end() - 1)
        stop = heads[index + 1].start() if index + 1 < len(heads) else len(text)
        bases = _bases(arguments, routes)
        for method in _METHOD.finditer(text, end, stop):
            if method[1] == "HealthCheck":
                continue
            parts, _ = arguments_at(text, method.end() - 1)
            paths = literals(parts[0]) if parts else [""]
            if paths is None:
                routes.unsure = "a route is computed"
                continue
            found += [joined(base, express_pattern(path)) for base in bases for path in paths]
    return found


def _bases(arguments: tuple[str, ...], routes: Routes) -> list[str]:
    if not arguments:
        return [""]
    bases = literals(arguments[0])
    if bases is None and arguments[0].startswith("{"):
        if re.search(r"\b(?:version|host)\s*:", arguments[0]):
            routes.unsure = "a controller has a version or a host"
        match = _PATH.search(arguments[0])
        bases = literals(match[1]) if match else [""]
    if bases is None:
        routes.unsure = "a controller's path is computed"
    return [express_pattern(base) for base in bases or []]
