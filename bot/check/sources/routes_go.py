"""Routes of Go servers: net/http, chi, gin, echo and fiber."""

from __future__ import annotations

import re
from typing import Final

from bot.check.sources.code import arguments_at, block_end, literal, without_comments
from bot.check.sources.folder import Folder
from bot.check.sources.routes import Routes, brace_pattern, express_pattern, joined

_ROUTE: Final = re.compile(
    r"\b([\w.]+?)\s*\.\s*(HandleFunc|Handle|Get|GET|Any|All|Head|HEAD|Method|MethodFunc|Static|StaticFile|StaticFS|Mount|Route)\s*\("
)
_GROUP: Final = re.compile(r"\b(\w+)\s*:?=\s*(\w+(?:\.\w+)*)\s*\.\s*Group\s*\(")
_SUBROUTER: Final = re.compile(r"\b(\w+)\s*:?=\s*(\w+)\s*\.\s*PathPrefix\s*\(([^)]*)\)\s*\.\s*Subrouter\s*\(")
_ROOT: Final = re.compile(
    r"\b(\w+)\s*(?::=|=|\*?[\w.]*=)\s*(?:http\.NewServeMux|chi\.NewRouter|chi\.NewMux|gin\.Default|gin\.New|echo\.New|fiber\.New|mux\.NewRouter)\s*\("
)
_SUBTREE: Final = {"Mount", "Static", "StaticFS"}


def go_routes(folder: Folder) -> Routes:
    """Read the routes of the Go server in `folder`."""
    routes = Routes("Go")
    texts = [without_comments(text) for _, text in folder.sources(".go")]
    plain_mux = not any(
        re.search(r"go-chi/chi|gin-gonic/gin|labstack/echo|gofiber/fiber|gorilla/mux", t) for t in texts
    )
    for text in texts:
        _file(text, routes, subtrees=plain_mux)
    if not routes.routes and not routes.unsure:
        routes.unsure = "no route was found"
    return routes


def _file(text: str, routes: Routes, *, subtrees: bool) -> None:
    roots = {match[1] for match in _ROOT.finditer(text)} | {"http"}
    prefixes: dict[str, str] = {}
    for match in _GROUP.finditer(text):
        arguments, _ = arguments_at(text, match.end() - 1)
        prefix = literal(arguments[0]) if arguments else ""
        if prefix is not None and (match[2] in roots or match[2] in prefixes):
            prefixes[match[1]] = joined(prefixes.get(match[2], ""), prefix)
    for match in _SUBROUTER.finditer(text):
        prefix = literal(match[3])
        if prefix is not None and match[2] in roots:
            prefixes[match[1]] = prefix
    blocks = _route_blocks(text)
    for match in _ROUTE.finditer(text):
        arguments, _ = arguments_at(text, match.end() - 1)
        if match[2] == "Route" or not arguments:
            continue
        if match[2] in {"Method", "MethodFunc"}:
            arguments = arguments[1:]
        _route(match[1], match[2], arguments, match.start(), routes, roots, prefixes, blocks, subtrees=subtrees)


def _route(
    receiver: str,
    method: str,
    arguments: tuple[str, ...],
    at: int,
    routes: Routes,
    roots: set[str],
    prefixes: dict[str, str],
    blocks: list[tuple[int, int, str, str, str]],
    *,
    subtrees: bool,
) -> None:
    if len(arguments) < 2:
        return  # header.Get("X"), client.Get(url)
    path = literal(arguments[0])
    if path is None:
        if receiver in roots or receiver in prefixes:
            routes.unsure = "a route is computed"
        return
    verb, _, rest = path.partition(" ")
    if rest:  # Go 1.22: "GET /health"
        if verb not in {"GET", "HEAD"}:
            return
        path = rest.strip()
    if not path.startswith("/") and path:
        return
    inside = [block for block in blocks if block[0] <= at < block[1] and block[3] == receiver]
    pattern = brace_pattern(path) if "{" in path else express_pattern(path)
    if method in _SUBTREE or (subtrees and path.endswith("/")):
        pattern = joined(pattern, "{*}")
    if path.endswith("{$}"):
        pattern = joined(path[:-3])
    if inside:
        prefix, known = _block_prefix(inside[-1], blocks, roots, prefixes)
        routes.add(joined(prefix, pattern), floating=not known)
    else:
        known = receiver in roots or receiver in prefixes
        routes.add(joined(prefixes.get(receiver, ""), pattern), floating=not known)


def _route_blocks(text: str) -> list[tuple[int, int, str, str, str]]:
    """Return (start, end, prefix, inner receiver, outer receiver) of `r.Route("/x", func(r chi.Router) {...})`."""
    head = re.compile(
        r"\b(\w+)\s*\.\s*(Route|Group)\s*\(\s*(?:(\"[^\"]*\")\s*,\s*)?func\s*\(\s*(\w+)\s+[\w.*]+\s*\)\s*\{"
    )
    return [
        (match.end(), block_end(text, match.end() - 1), (match[3] or '""')[1:-1], match[4], match[1])
        for match in head.finditer(text)
    ]


def _block_prefix(
    block: tuple[int, int, str, str, str],
    blocks: list[tuple[int, int, str, str, str]],
    roots: set[str],
    prefixes: dict[str, str],
) -> tuple[str, bool]:
    """Return the whole prefix of a block, and whether its outermost receiver is known."""
    parts = [block[2]]
    current = block
    for _ in range(10):
        outer = [b for b in blocks if b[0] < current[0] and current[1] <= b[1] and b[3] == current[4]]
        if not outer:
            break
        current = outer[-1]
        parts.append(current[2])
    known = current[4] in roots or current[4] in prefixes
    return joined(prefixes.get(current[4], ""), *reversed(parts)), known
