"""Routes of Express and of what is mounted like it: routers, prefixes, files that export them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from bot.check.sources.code import Call, calls, literal, literals, without_comments
from bot.check.sources.folder import Folder
from bot.check.sources.modules_js import ENDINGS, imported_names, resolve
from bot.check.sources.routes import Routes, express_pattern, joined

_APP: Final = re.compile(r"\b([\w$]+)\s*(?::\s*[\w$.<>, ]+)?\s*=\s*(?:express|require\(['\"]express['\"]\))\s*\(")
_ROUTER: Final = re.compile(
    r"\b([\w$]+)\s*(?::\s*[\w$.<>, ]+)?\s*=\s*(?:new\s+)?(?:(?:[\w$]+|require\([^()]*\))\.)?Router\s*\("
)
_CALL: Final = re.compile(r"(?:\b([\w$]+)|\))\s*\.\s*(get|all|head|route|use)\s*\(")
_REQUIRED: Final = re.compile(r"""^require\(\s*['"]([^'"]+)['"]\s*\)""")
_FUNCTION: Final = re.compile(r"^(?:async\s+)?(?:function\b|\(?[\w$,\s:.<>{}\[\]]*\)?\s*(?::\s*[\w$<>]+\s*)?=>)")
# Packages that answer by themselves, under paths nobody can read from the code.
_ANSWERS: Final = re.compile(
    r"health|terminus|actuator|lightship|ready|proxy|graphql|apollo|swagger|sirv|adminjs|next$"
)
_MAX_DEPTH: Final = 12


@dataclass(slots=True)
class _File:
    path: str
    apps: set[str]
    routers: set[str]
    imports: dict[str, str]
    # receiver -> patterns
    routes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    # receiver -> (prefix or None where unknown, argument)
    mounts: dict[str, list[tuple[str | None, str]]] = field(default_factory=lambda: defaultdict(list))


def express_routes(folder: Folder, dependencies: frozenset[str]) -> Routes:
    """Read the routes of the Express application in `folder`; `dependencies` are its packages."""
    routes = Routes("Express")
    answering = sorted(name for name in dependencies if _ANSWERS.search(name) and name != "next")
    if answering:
        routes.unsure = f"{answering[0]} may answer on paths of its own"
    files = {path: _read(path, without_comments(text), routes) for path, text in folder.sources(*ENDINGS)}
    reached: set[tuple[str, str]] = set()
    roots = [(path, name) for path, file in files.items() for name in file.apps]
    if not roots:
        routes.unsure = routes.unsure or "no express() call was found"
    for path, name in roots:
        _follow(folder, files, path, name, "", routes, reached, 0)
    for path, file in files.items():
        for receiver, patterns in file.routes.items():
            if (path, receiver) not in reached:
                for pattern in patterns:
                    routes.add(pattern, floating=True)
    return routes


def _read(path: str, text: str, routes: Routes) -> _File:
    file = _File(
        path=path,
        apps={match[1] for match in _APP.finditer(text)},
        routers={match[1] for match in _ROUTER.finditer(text)},
        imports=imported_names(text),
    )
    for call in calls(text, _CALL):
        if call.method == "use":
            _read_use(file, call, routes)
        elif call.arguments:
            _read_route(file, call, routes)
    return file


def _read_route(file: _File, call: Call, routes: Routes) -> None:
    ours = call.receiver in file.apps | file.routers
    paths = literals(call.arguments[0])
    if call.method == "get" and len(call.arguments) == 1:
        return  # app.get('env') reads a setting; map.get(key) is no route
    if paths is None:
        first = call.arguments[0]
        if first.startswith("`") and "}/" in first:
            file.routes[""].append(express_pattern(first.rsplit("}", 1)[1].rstrip("`")))
        elif ours:
            routes.unsure = f"{file.path} computes a route"
        return
    # A receiver that this file does not define is a parameter, or somebody else's `.get`: floating, if it is a path.
    known = call.receiver if ours else ""
    file.routes[known] += [express_pattern(path) for path in paths if ours or path.startswith(("/", "*"))]


def _read_use(file: _File, call: Call, routes: Routes) -> None:
    if call.receiver not in file.apps | file.routers or not call.arguments:
        return
    prefixes = literals(call.arguments[0])
    rest = call.arguments
    if prefixes is not None:
        rest = call.arguments[1:]
    elif call.arguments[0].startswith("`"):
        prefixes, rest = None, call.arguments[1:]
    elif len(call.arguments) > 1 and re.fullmatch(
        r"[\w$.]*(?:[Pp]refix|[Pp]ath|PREFIX|PATH|API|[Bb]ase)[\w$]*", rest[0]
    ):
        rest = call.arguments[1:]
    else:
        prefixes = [""]
    for argument in rest:
        if _FUNCTION.match(argument) and _answers(argument):
            routes.unsure = routes.unsure or f"{file.path} answers in a middleware"
        for prefix in prefixes if prefixes is not None else (None,):
            file.mounts[call.receiver].append((prefix, argument))


def _answers(function: str) -> bool:
    """Whether an inline middleware may answer a path: it sends something, and not an error."""
    head = function.split("=>", 1)[0] if "=>" in function else function.split("{", 1)[0]
    if len(re.findall(r"[\w$]+\s*(?::[^,)]+)?(?=[,)])", head)) >= 4:
        return False  # (error, request, response, next)
    sends = re.search(r"\.(?:send|json|sendFile|end|render|sendStatus|redirect|pipe)\s*\(", function)
    return sends is not None and not re.search(r"(?:status|sendStatus|statusCode\s*=)\s*\(?\s*[45]\d\d", function)


def _follow(
    folder: Folder,
    files: dict[str, _File],
    path: str,
    name: str,
    prefix: str,
    routes: Routes,
    reached: set[tuple[str, str]],
    depth: int,
) -> None:
    file = files[path]
    reached.add((path, name))
    for pattern in file.routes.get(name, ()):
        routes.add(joined(prefix, pattern))
    if depth >= _MAX_DEPTH:
        routes.unsure = routes.unsure or "routers are nested deeper than can be followed"
        return
    for mounted, argument in file.mounts.get(name, ()):
        for other, router in _mounted(folder, files, file, argument):
            if mounted is None:
                continue  # stays floating: its prefix is computed
            _follow(folder, files, other, router, joined(prefix, express_pattern(mounted)), routes, reached, depth + 1)
        if re.search(r"\bstatic\s*\(|serveStatic|sirv", argument) and mounted is not None:
            _static(folder, joined(prefix, mounted), argument, routes)


def _mounted(folder: Folder, files: dict[str, _File], file: _File, argument: str) -> list[tuple[str, str]]:
    """Return (file, router) for what a `use` mounts; empty for a middleware."""
    required = _REQUIRED.match(argument)
    head = re.match(r"[\w$]+", argument)
    if required:
        module = required[1]
    elif head and head[0] in file.routers and head[0] == argument.strip():
        return [(file.path, head[0])]
    elif head and head[0] in file.imports:
        module = file.imports[head[0]]
    else:
        return []
    target = resolve(folder, file.path, module)
    if target is None or target not in files:
        return []
    other = files[target]
    if not other.routers and not other.apps:
        # An index file that hands on what other files export.
        handed = []
        for name, each in other.imports.items():
            found = resolve(folder, target, each)
            if found is not None and found in files and re.search(rf"\b{re.escape(name)}\b", argument):
                handed += [(found, router) for router in sorted(files[found].routers)]
        return handed
    inner = {mounted.strip() for mounts in other.mounts.values() for _prefix, mounted in mounts}
    outer = (other.routers | other.apps) - inner
    return [(target, router) for router in sorted(outer)]


def _static(folder: Folder, prefix: str, argument: str, routes: Routes) -> None:
    """Add what a static folder serves, where its files are in the tree."""
    match = re.search(r"""['"]([^'"]+)['"]\s*\)""", argument)
    name = literal(f"'{match[1]}'") if match else None
    root = (name or "").strip("./")
    files = [path for path in folder.paths if root and f"/{root}/" in f"/{path}"]
    routes.add(prefix)
    for path in files:
        routes.add(joined(prefix, f"/{path}".split(f"/{root}/", 1)[1]))
