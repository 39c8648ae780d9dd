"""Routes of FastAPI and Flask: applications, routers, blueprints, and where they are mounted."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.check.sources.folder import Folder
from bot.check.sources.python_code import argument, constants, dotted, imports, parse_python, string
from bot.check.sources.routes import Routes, angle_pattern, brace_pattern, joined

_GETS: Final = frozenset({"get", "head", "api_route", "route", "websocket_route", "add_api_route", "add_url_rule"})
_MAX_DEPTH: Final = 12
Key = tuple[str, str]  # (file, variable)


@dataclass(frozen=True, slots=True)
class _Kind:
    framework: str
    app: str
    router: str
    prefix: str
    mount: str
    pattern: Callable[[str], str]


_FASTAPI: Final = _Kind("FastAPI", "FastAPI", "APIRouter", "prefix", "include_router", brace_pattern)
_FLASK: Final = _Kind("Flask", "Flask", "Blueprint", "url_prefix", "register_blueprint", angle_pattern)


@dataclass(slots=True)
class _Found:
    apps: set[Key] = field(default_factory=set)
    # router -> its own prefix, None where computed
    routers: dict[Key, str | None] = field(default_factory=dict)
    routes: dict[Key, list[str]] = field(default_factory=lambda: defaultdict(list))
    # outer -> (inner, prefix or None)
    mounts: dict[Key, list[tuple[Key, str | None]]] = field(default_factory=lambda: defaultdict(list))


def fastapi_routes(folder: Folder) -> Routes:
    """Read the routes of the FastAPI application in `folder`."""
    routes = _routes(folder, _FASTAPI)
    for path in ("/docs", "/redoc", "/openapi.json"):
        routes.add(path)
    return routes


def flask_routes(folder: Folder) -> Routes:
    """Read the routes of the Flask application in `folder`."""
    routes = _routes(folder, _FLASK)
    routes.add("/static/{*}")
    return routes


def _routes(folder: Folder, kind: _Kind) -> Routes:
    routes = Routes(kind.framework)
    found = _Found()
    trees: dict[str, ast.Module] = {}
    known: dict[str, str] = {}
    for path, text in folder.sources(".py"):
        tree = parse_python(text)
        if tree is None:
            routes.unsure = f"{path} cannot be read"
            continue
        trees[path] = tree
        known.update(constants(tree))
    names = {path: imports(folder, path, tree) for path, tree in trees.items()}
    for path, tree in trees.items():
        _Reader(path, kind, found, names, known, routes).visit(tree)
    if not found.apps:
        routes.unsure = routes.unsure or f"no {kind.app}() call was found"
    reached: set[Key] = set()
    for app in found.apps:
        _follow(found, app, "", routes, reached, 0)
    for key, patterns in found.routes.items():
        if key not in reached:
            for pattern in patterns:
                routes.add(joined(found.routers.get(key) or "", pattern), floating=True)
    return routes


class _Reader(ast.NodeVisitor):
    """Reads one file."""

    def __init__(
        self,
        path: str,
        kind: _Kind,
        found: _Found,
        names: dict[str, dict[str, tuple[str, str]]],
        known: dict[str, str],
        routes: Routes,
    ) -> None:
        self.path, self.kind, self.found = path, kind, found
        self.names, self.known, self.routes = names, known, routes

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._define(target, node.value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._define(node.target, node.value)
        self.generic_visit(node)

    def _define(self, target: ast.expr, value: ast.expr | None) -> None:
        if not isinstance(value, ast.Call) or not isinstance(target, ast.Name):
            return
        made = dotted(value.func).rsplit(".", 1)[-1]
        key = (self.path, target.id)
        if made == self.kind.app:
            self.found.apps.add(key)
            root = argument(value, -1, "root_path", "static_url_path")
            if root is not None and string(root, self.known) is None:
                self.routes.unsure = "the root path is computed"
        elif made == self.kind.router:
            prefix = argument(value, -1, self.kind.prefix)
            self.found.routers[key] = "" if prefix is None else string(prefix, self.known)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._decorated(node.decorator_list)
        self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._decorated(node.decorator_list)
        self.generic_visit(node)

    def _decorated(self, decorators: list[ast.expr]) -> None:
        for decorator in decorators:
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                if decorator.func.attr in _GETS:
                    self._route(decorator, decorator.func)
                elif decorator.func.attr in {"middleware", "before_request"}:
                    self._middleware()

    def _middleware(self) -> None:
        """A middleware may answer by itself; the literal search of the rule covers paths it names."""

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute):
            if node.func.attr in {"add_api_route", "add_url_rule"}:
                self._route(node, node.func)
            elif node.func.attr == self.kind.mount:
                self._mount(node, node.func)
            elif node.func.attr == "mount" and self._key(node.func.value) is not None:
                prefix = string(argument(node, 0, "path"), self.known)
                if prefix is None:
                    self.routes.unsure = "an application is mounted on a computed path"
                else:
                    self.routes.add(joined(prefix, "{*}"))
            elif node.func.attr in {"add_resource", "add_namespace", "register_view", "init_app", "add_view"}:
                if node.func.attr != "init_app":
                    self.routes.unsure = f"{node.func.attr}() adds routes"
            elif node.func.attr == "instrument" or dotted(node.func).endswith("expose"):
                self.routes.add("/metrics")
        self.generic_visit(node)

    def _route(self, call: ast.Call, func: ast.Attribute) -> None:
        key = self._key(func.value)
        methods = argument(call, -1, "methods")
        if isinstance(methods, ast.List | ast.Tuple | ast.Set):
            values = {string(each, self.known) for each in methods.elts}
            if None not in values and not values & {"GET", "HEAD", "get", "head"}:
                return
        path = string(argument(call, 0, "path", "rule"), self.known)
        if path is None:
            if key is not None:
                self.routes.unsure = f"{self.path} computes a route"
            return
        if not path.startswith("/") and path:
            return
        self.found.routes[key or (self.path, "?")].append(self.kind.pattern(path))

    def _mount(self, call: ast.Call, func: ast.Attribute) -> None:
        outer = self._key(func.value)
        inner = self._key(argument(call, 0, "router", "blueprint"))
        given = argument(call, -1, self.kind.prefix)
        prefix = string(given, self.known) if given is not None else ""
        if inner is None or (given is not None and prefix is None):
            self.routes.unsure = self.routes.unsure or "a router is mounted in a way that cannot be followed"
            return
        if outer is None:  # a parameter, such as `def register(app)`: mostly the application
            for app in self.found.apps or {("?", "app")}:
                self.found.mounts[app].append((inner, None))
            return
        self.found.mounts[outer].append((inner, prefix if given is not None else ""))
        if self.kind is _FLASK and given is not None:
            self.found.routers[inner] = ""  # Flask's own prefix is replaced, FastAPI's is added to

    def _key(self, node: ast.AST | None) -> Key | None:
        """Return the application or router that an expression names."""
        name = dotted(node) if node is not None else ""
        if not name:
            return None
        names = self.names.get(self.path, {})
        head, _, tail = name.rpartition(".")
        if not head:
            if (self.path, name) in self.found.apps or (self.path, name) in self.found.routers:
                return (self.path, name)
            if name in names:
                file, inner = names[name]
                return self._handed(file, inner) if inner else None
            return None
        if head in names and not names[head][1]:
            return self._handed(names[head][0], tail)
        return None

    def _handed(self, file: str, name: str) -> Key:
        """Follow re-exports such as `from .users import router as users_router` in an `__init__`."""
        for _ in range(5):
            step = self.names.get(file, {}).get(name)
            if step is None or not step[1]:
                break
            file, name = step
        return (file, name)


def _follow(found: _Found, key: Key, prefix: str, routes: Routes, reached: set[Key], depth: int) -> None:
    reached.add(key)
    own = found.routers.get(key, "")
    base = joined(prefix, own or "")
    for pattern in found.routes.get(key, ()):
        routes.add(joined(base, pattern), floating=own is None)
    if depth >= _MAX_DEPTH:
        routes.unsure = routes.unsure or "routers are nested deeper than can be followed"
        return
    for inner, mounted in found.mounts.get(key, ()):
        if mounted is None:
            continue
        _follow(found, inner, joined(base, mounted), routes, reached, depth + 1)
