"""LAY02: application code or a Dockerfile outside `src/`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from posixpath import basename
from typing import Final

from bot.check.layout import SRC, is_src
from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity

_CODE: Final = re.compile(
    r"\.(?:py|js|mjs|cjs|ts|mts|tsx|jsx|vue|svelte|php|go|rb|java|kt|rs|cs|ex|exs|scala|swift|c|cpp)\Z", re.IGNORECASE
)
_MANIFESTS: Final = frozenset(
    [
        "package.json",
        "composer.json",
        "requirements.txt",
        "go.mod",
        "Gemfile",
        "Cargo.toml",
        "pom.xml",
        "build.gradle",
        "artisan",
        "manage.py",
    ]
)
_DOCKERFILE: Final = re.compile(r"(?:Dockerfile|Containerfile)(?:\.[\w-]+)?\Z|.+\.Dockerfile\Z")
# What a repository keeps beside its application: hidden folders, documents, tests, tooling.
_META: Final = frozenset(
    [
        "docs",
        "doc",
        "documentation",
        "tests",
        "test",
        "e2e",
        "examples",
        "example",
        "samples",
        "fixtures",
        "scripts",
        "tools",
        "tooling",
        "ci",
        "hack",
        "bin",
        "design",
        "designs",
        "assets",
        "adr",
        "specs",
        "spec",
        "notes",
        "wiki",
        "changelog",
        "licenses",
        "deploy",
    ]
)
_TOOL_FILE: Final = re.compile(
    r"[\w.-]*\.(?:config|conf|setup|rc|test|spec)\.[cm]?[jt]s\Z|\..*|setup\.py\Z|conftest\.py\Z|noxfile\.py\Z"
    r"|tasks\.py\Z|fabfile\.py\Z|dangerfile\.[jt]s\Z|[Gg]ulpfile\.[cm]?js\Z|[Gg]runtfile\.js\Z"
)
_PRECISE: Final = ("Dockerfile", "package.json", "composer.json", "go.mod", "manage.py", "requirements.txt", "artisan")


def _check(tree: Tree) -> Iterator[Finding]:
    if is_src(tree) or not _concerns(tree):
        return
    groups: dict[str, list[str]] = {}
    for path in tree.files:
        if not path.startswith(f"{SRC}/") and _is_code(tree, path) and tree.wrote(path):
            groups.setdefault(path.split("/", 1)[0] if "/" in path else path, []).append(path)
    for top, paths in sorted(groups.items()):
        first = min(paths, key=_telling)
        what = "This Dockerfile" if _DOCKERFILE.match(basename(first)) else "This application code"
        rest = f" (and {len(paths) - 1} more in `{top}/`)" if len(paths) > 1 else ""
        target = first.removeprefix("tmp_src/")
        source = tree.read(first)
        message = (
            f"{what} lies outside `{SRC}/`{rest}: the stack is built from `{SRC}/`, so it belongs in `{SRC}/{target}`."
        )
        yield RULE.finding(source.line_span(1), message) if source is not None else RULE.missing(first, message)


def _concerns(tree: Tree) -> bool:
    """Whether the tree holds a stack at all: a library without containers may keep its code where it likes."""
    return (SRC in tree.folders and bool(tree.compose_paths or tree.dockerfile_paths)) or bool(
        [path for path in (*tree.compose_paths, *tree.dockerfile_paths) if path.split("/")[0] not in _META]
    )


def _is_code(tree: Tree, path: str) -> bool:
    top, _, rest = path.partition("/")
    name = basename(path)
    if path.startswith("tmp_src/"):
        return True
    if top.startswith(".") or "/." in path:
        return False
    if _DOCKERFILE.match(name):
        return top.lower() not in {"docs", "doc", "tests", "test", "e2e", "examples", "example", "fixtures"} or not rest
    if rest and top.lower() in _META:
        return False
    if name == "package.json" and not rest:
        return _is_application(tree, path)
    if name in _MANIFESTS:
        return name != "requirements.txt" or bool(rest) or not _only_tools(tree, path)
    return bool(_CODE.search(name)) and not (not rest and _TOOL_FILE.match(name))


def _is_application(tree: Tree, path: str) -> bool:
    """Whether a package.json at the top is an application's, not that of hooks and linters."""
    source = tree.read(path)
    try:
        data = json.loads(source.text) if source is not None else None
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and bool(data.get("dependencies")) and "workspaces" not in data


def _only_tools(tree: Tree, path: str) -> bool:
    source = tree.read(path)
    lines = [line.strip() for line in source.text.splitlines()] if source is not None else []
    names = [re.split(r"[=<>~!\[; ]", line)[0].lower() for line in lines if line and not line.startswith(("#", "-"))]
    return all(
        name in {"pre-commit", "mkdocs", "mkdocs-material", "sphinx", "ruff", "black", "commitizen"} for name in names
    )


def _telling(path: str) -> tuple[int, int, str]:
    name = basename(path)
    rank = next((index for index, known in enumerate(_PRECISE) if name.startswith(known)), len(_PRECISE))
    return rank, path.count("/"), path


RULE = Rule(
    name="code-outside-src",
    code="LAY02",
    severity=Severity.ERROR,
    summary="application code or a Dockerfile outside `src/`",
    needs=("tree",),
    check=_check,
)
