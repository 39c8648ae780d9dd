"""Python source as syntax trees: literals, constants, modules."""

from __future__ import annotations

import ast
import warnings
from posixpath import dirname
from typing import Final

from bot.check.sources.folder import Folder

_MAX_TREE: Final = 300_000


def parse_python(text: str) -> ast.Module | None:
    """Return the syntax tree, or None where this Python cannot read the text."""
    if len(text) > _MAX_TREE:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes are the application's business
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for a name or attribute chain, else an empty string."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def constants(tree: ast.Module) -> dict[str, str]:
    """Return the strings that module-level and class-level names are set to."""
    found = {}
    bodies = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))]
    for node in (node for body in bodies for node in body):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            found.update({target.id: value.value for target in targets if isinstance(target, ast.Name)})
    return found


def string(node: ast.AST | None, known: dict[str, str]) -> str | None:
    """Return the string that an expression is, `known` names and f-strings of them included; None: computed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Name | ast.Attribute):
        return known.get(dotted(node).rsplit(".", 1)[-1])
    if isinstance(node, ast.JoinedStr):
        parts = [string(part, known) for part in node.values]
        return None if any(part is None for part in parts) else "".join(part or "" for part in parts)
    if isinstance(node, ast.FormattedValue):
        return string(node.value, known)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = string(node.left, known), string(node.right, known)
        return None if left is None or right is None else left + right
    return None


def argument(call: ast.Call, position: int, *names: str) -> ast.expr | None:
    """Return the argument at `position` (or by one of its `names`) of a call, or None where it is not given."""
    for keyword in call.keywords:
        if keyword.arg in names:
            return keyword.value
    if 0 <= position < len(call.args):
        return call.args[position]
    return None


def module_file(folder: Folder, importer: str, module: str, level: int = 0) -> str | None:
    """Return the file of a module: relative by `level`, else from any folder that holds its first package."""
    tail = module.replace(".", "/")
    if level:
        base = dirname(importer)
        for _ in range(level - 1):
            base = dirname(base)
        roots = [base]
    else:
        # The import root is the working directory, mostly the folder itself or `src/`.
        parents = {""}
        place = dirname(importer)
        while place:
            parents.add(place)
            place = dirname(place)
        roots = sorted(parents | {"src", "app", "backend"}, key=len)
    for root in roots:
        stem = "/".join(part for part in (root, tail) if part)
        for path in (f"{stem}.py", f"{stem}/__init__.py" if stem else "__init__.py"):
            if path in folder:
                return path
    return None


def imports(folder: Folder, path: str, tree: ast.Module) -> dict[str, tuple[str, str]]:
    """Return local name -> (file, name in it; "" for the module itself) for imports of the folder's own modules."""
    found: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                file = module_file(folder, path, alias.name)
                if file:
                    found[alias.asname or alias.name] = (file, "")
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = ".".join(part for part in (node.module or "", alias.name) if part)
                file = module_file(folder, path, inner, node.level)
                if file:
                    found[alias.asname or alias.name] = (file, "")
                    continue
                file = module_file(folder, path, node.module or "", node.level)
                if file:
                    found[alias.asname or alias.name] = (file, alias.name)
    return found
