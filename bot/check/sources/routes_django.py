"""Routes of Django: `urlpatterns` from the root configuration through every include."""

from __future__ import annotations

import ast
import re
from typing import Final

from bot.check.sources.folder import Folder
from bot.check.sources.python_code import argument, constants, dotted, module_file, parse_python, string
from bot.check.sources.routes import Routes, angle_pattern, joined

_PATHS: Final = frozenset({"path", "re_path", "url"})
_MAX_DEPTH: Final = 10


def django_routes(folder: Folder) -> Routes:
    """Read the routes of the Django project in `folder`."""
    routes = Routes("Django")
    root = _root(folder)
    if root is None:
        routes.unsure = "ROOT_URLCONF was not found"
    else:
        _Urls(folder, routes).read(root, "", 0)
    return routes


def _root(folder: Folder) -> str | None:
    """Return the file that ROOT_URLCONF names, where all settings agree on one."""
    found = set()
    for path, text in folder.sources(".py"):
        for match in re.finditer(r"^\s*ROOT_URLCONF\s*=\s*['\"]([\w.]+)['\"]", text, re.MULTILINE):
            found.add(module_file(folder, path, match[1]))
    return found.pop() if len(found) == 1 else None


class _Urls:
    """Follows includes."""

    def __init__(self, folder: Folder, routes: Routes) -> None:
        self.folder, self.routes = folder, routes
        self.known: dict[str, str] = {}

    def read(self, path: str, prefix: str, depth: int) -> None:
        text = self.folder.text(path)
        tree = parse_python(text) if text is not None else None
        if tree is None or depth > _MAX_DEPTH:
            self.routes.unsure = f"{path} cannot be followed"
            return
        self.known.update(constants(tree))
        routers = _routers(tree, self.known)
        patterns = [value for name, value in _patterns(tree) if name == "urlpatterns"]
        if not patterns:
            self.routes.unsure = f"{path} has no urlpatterns"
        for value in patterns:
            self._list(value, prefix, depth, path, routers)

    def _list(self, value: ast.expr, prefix: str, depth: int, path: str, routers: dict[str, list[str]]) -> None:
        if isinstance(value, ast.BinOp):
            self._list(value.left, prefix, depth, path, routers)
            self._list(value.right, prefix, depth, path, routers)
        elif isinstance(value, ast.List | ast.Tuple):
            for item in value.elts:
                self._item(item, prefix, depth, path, routers)
        elif isinstance(value, ast.Call) and dotted(value.func).endswith("static"):
            return  # files under a prefix, only while debugging
        elif isinstance(value, ast.Call) and dotted(value.func).endswith("format_suffix_patterns") and value.args:
            self._list(value.args[0], prefix, depth, path, routers)
        elif isinstance(value, ast.Attribute) and value.attr == "urls":
            self._router(dotted(value.value), prefix, routers)
        else:
            self.routes.unsure = f"{path} builds its patterns in a way that cannot be followed"

    def _item(self, item: ast.expr, prefix: str, depth: int, path: str, routers: dict[str, list[str]]) -> None:
        if isinstance(item, ast.Starred):
            self._list(item.value, prefix, depth, path, routers)
            return
        function = dotted(item.func).rsplit(".", 1)[-1] if isinstance(item, ast.Call) else ""
        if not isinstance(item, ast.Call) or function not in _PATHS:
            self.routes.unsure = f"{path} builds its patterns in a way that cannot be followed"
            return
        text = string(argument(item, 0, "route", "regex"), self.known)
        if text is None:
            self.routes.unsure = f"{path} computes a route"
            return
        here = joined(prefix, angle_pattern(text) if function == "path" else _regex_pattern(text))
        view = argument(item, 1, "view")
        if isinstance(view, ast.Call) and dotted(view.func).rsplit(".", 1)[-1] == "include":
            self._include(view, here, depth, path, routers)
        elif isinstance(view, ast.Attribute) and view.attr == "urls":
            if dotted(view).endswith("site.urls"):
                self.routes.add(joined(here, "{*}"))
            else:
                self._router(dotted(view.value), here, routers)
        else:
            self.routes.add(here)

    def _include(self, call: ast.Call, prefix: str, depth: int, path: str, routers: dict[str, list[str]]) -> None:
        target = argument(call, 0, "arg")
        if isinstance(target, ast.Tuple) and target.elts:
            target = target.elts[0]
        if isinstance(target, ast.Constant) and isinstance(target.value, str):
            file = module_file(self.folder, path, target.value)
            if file is None:
                self._package(target.value, prefix)
            else:
                self.read(file, prefix, depth + 1)
        elif isinstance(target, ast.List | ast.Tuple):
            self._list(target, prefix, depth, path, routers)
        elif isinstance(target, ast.Attribute) and target.attr == "urls":
            self._router(dotted(target.value), prefix, routers)
        else:
            self.routes.unsure = f"{path} includes something that cannot be followed"

    def _package(self, module: str, prefix: str) -> None:
        """An installed package: it may serve anything below its prefix."""
        self.routes.add(joined(prefix, "{*}"))
        if prefix == "/" and "prometheus" in module:
            self.routes.routes.pop()
            self.routes.add("/metrics")

    def _router(self, name: str, prefix: str, routers: dict[str, list[str]]) -> None:
        if name not in routers:
            self.routes.add(joined(prefix, "{*}"))
            return
        self.routes.add(prefix)
        for registered in routers[name]:
            self.routes.add(joined(prefix, registered, "{*}"))


def _patterns(tree: ast.Module) -> list[tuple[str, ast.expr]]:
    """Return (name, value) for what is assigned or added to each list of patterns."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            found += [(target.id, node.value) for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AugAssign | ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            found.append((node.target.id, node.value))
    return found


def _routers(tree: ast.Module, known: dict[str, str]) -> dict[str, list[str]]:
    """Return router variable -> registered prefixes, of Django REST framework's routers."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "register":
            prefix = string(argument(node, 0, "prefix"), known)
            if prefix is not None:
                found.setdefault(dotted(node.func.value), []).append(_regex_pattern(prefix))
    return found


def _regex_pattern(regex: str) -> str:
    """Return the pattern of a regular expression that is a plain path; a broad one for any other."""
    plain = regex.removeprefix("^").removesuffix("$").removesuffix("/?").removesuffix("/")
    if re.fullmatch(r"[\w/.-]*", plain.replace("\\.", "").replace("\\-", "")):
        return joined(plain.replace("\\", ""))
    fixed = re.match(r"[\w/-]*", plain)
    return joined(fixed[0].rsplit("/", 1)[0] if fixed else "", "{*}")
