"""The text of an application's code, bounded, and what can be read from it whatever the language."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

_SKIPPED: Final = frozenset(
    ["node_modules", "vendor", "dist", "build", ".git", ".venv", "venv", "__pycache__", ".next", ".nuxt", ".output"]
)
_TESTS: Final = frozenset(["test", "tests", "__tests__", "coverage", "e2e"])
_TEST: Final = re.compile(r"(?:\.(?:test|spec)\.\w+|_test\.go|^test_.*\.py|^conftest\.py)$")
_ENDINGS: Final = (".js", ".mjs", ".cjs", ".ts", ".mts", ".py", ".go", ".php")
_MOST_FILES: Final = 400
_MOST_BYTES: Final = 200_000
_READ: Final = re.compile(
    r"""(?:process\.env\.(?P<a>[A-Z][A-Z0-9_]+)
    |process\.env\[["'](?P<b>[A-Z][A-Z0-9_]+)["']\]
    |(?:os\.environ\[|os\.environ\.get\(|os\.getenv\(|getenv\(|os\.Getenv\(|os\.LookupEnv\(|\b(?:env|\w*Env\w*|\w+_env)(?:\.\w+)?\(|\bconfig\()
      \s*["'](?P<c>[A-Z][A-Z0-9_]+)["'])
    (?=(?P<rest>[^\n]{0,80}))""",
    re.VERBOSE,
)
_DEFAULT: Final = re.compile(
    r"""^\]?\s*(?:,\s*(?:default\s*=\s*)?|\)?\s*(?:\|\||\?\?|or)\s*)(?:["'`](?P<text>[^"'`\n]*)["'`]|(?P<number>\d+))"""
)
_SETTINGS: Final = re.compile(r"^class \w+\([^)]*BaseSettings[^)]*\):\n(?P<body>(?:[ \t]+[^\n]*\n|\n)+)", re.MULTILINE)
_FIELD: Final = re.compile(
    r"^    (?P<name>[A-Za-z]\w*)\s*:\s*[^=\n]+(?:=\s*[\"']?(?P<value>[^\"'\n#]*?)[\"']?\s*(?:#.*)?)?$", re.MULTILINE
)
_HEALTH: Final = (
    "/health",
    "/healthz",
    "/api/health",
    "/api/healthz",
    "/api/v1/health",
    "/health/live",
    "/livez",
    "/readyz",
    "/ready",
    "/up",
    "/status",
    "/api/status",
    "/ping",
    "/api/ping",
)


class Code:
    """The source files below one folder; tests, packages and what was built are no part of it."""

    def __init__(self, folder: Path) -> None:
        """Read nothing yet."""
        self.folder = folder

    @cached_property
    def files(self) -> dict[str, str]:
        """Path relative to the folder, and text; links are not followed."""
        return dict(self._read())

    def text(self, name: str) -> str:
        """Return the text of the one file `name`, "" where it is none."""
        path = self.folder / name
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_BYTES * 10:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")

    def has(self, name: str) -> bool:
        """Tell whether the file `name` is there."""
        return (self.folder / name).is_file()

    def find(self, pattern: re.Pattern[str]) -> tuple[str, re.Match[str]] | None:
        """Return the first match and the path of its file, the files nearest to the top first."""
        for path in sorted(self.files, key=lambda path: (path.count("/"), path)):
            if match := pattern.search(self.files[path]):
                return path, match
        return None

    def variables(self, *defaults: str) -> tuple[Mapping[str, str], frozenset[str]]:
        """Return the environment variables that are read, each with its known value, and those an example lists.

        `defaults` are files that serve as an example too, such as Symfony's committed `.env`.
        """
        found: dict[str, str] = {}
        for text in self.files.values():
            for match in _READ.finditer(text):
                name = match["a"] or match["b"] or match["c"]
                default = _DEFAULT.match(match["rest"])
                if default and not match["c"] and match["rest"].startswith(","):
                    default = None  # the radix of `parseInt(process.env.PORT, 10)`
                value = (default["text"] or default["number"] or "") if default else ""
                found[name] = found.get(name) or value
            for settings in _SETTINGS.finditer(text):
                for one in _FIELD.finditer(settings["body"]):
                    found.setdefault(one["name"].upper(), one["value"] or "")
        examples = self._examples(*defaults)
        return found | examples, frozenset(examples)

    def health(self, routes: Iterable[str]) -> str:
        """Return the health page among `routes`, the usual names first, then the start page; "" for none."""
        known = {route.rstrip("/") or "/": route for route in routes}
        for name in (*_HEALTH, *sorted(route for route in known if re.search(r"/health[a-z_-]*$", route)), "/"):
            if name in known:
                return known[name]
        return ""

    def _examples(self, *defaults: str) -> dict[str, str]:
        for name in (".env.example", ".env.sample", ".env.dist", "env.example", *defaults):
            if text := self.text(name):
                lines = re.findall(r"^(?:export )?([A-Z][A-Z0-9_]*)=[ \t]*[\"']?([^\"'\n#]*)", text, re.MULTILINE)
                return {key: value.strip() for key, value in lines}
        return {}

    def _read(self) -> Iterator[tuple[str, str]]:
        count = 0
        for folder, folders, names in os.walk(self.folder):
            folders[:] = sorted(name for name in folders if name not in _SKIPPED | _TESTS)
            for name in sorted(names):
                path = Path(folder) / name
                if not name.endswith(_ENDINGS) or _TEST.search(name) or path.is_symlink():
                    continue
                if count == _MOST_FILES:
                    return
                if path.stat().st_size <= _MOST_BYTES:
                    count += 1
                    yield path.relative_to(self.folder).as_posix(), path.read_text(encoding="utf-8", errors="replace")
