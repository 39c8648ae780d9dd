"""`.gitignore` and `.dockerignore`: whether a path is left out."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_MAX_PATTERNS: Final = 2_000


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Return a glob (`*`, `?`, `**`, `[..]`) as an expression for a whole path."""
    out: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**/", at):
            out.append("(?:[^/]+/)*")
            at += 3
            continue
        if pattern.startswith("**", at):
            out.append(".*")
            at += 2
            continue
        if char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[" and (close := pattern.find("]", at + 2)) > 0:
            inside = pattern[at + 1 : close].replace("\\", "\\\\")
            out.append("[" + ("^" + inside[1:] if inside[:1] in {"!", "^"} else inside) + "]")
            at = close
        elif char == "\\" and at + 1 < len(pattern):
            at += 1
            out.append(re.escape(pattern[at]))
        else:
            out.append(re.escape(char))
        at += 1
    try:
        return re.compile("".join(out) + r"\Z")
    except re.error:
        return None


def glob_matches(pattern: str, path: str) -> bool:
    """Whether a glob matches a whole path."""
    compiled = _compiled(pattern)
    return compiled is not None and compiled.match(path) is not None


def git_ignores(text: str, path: str) -> bool | None:
    """Return what a `.gitignore` says of `path` (relative to its folder): ignored, kept (`!`), or nothing (None)."""
    verdict: bool | None = None
    parents = _parents(path)
    for raw in text.splitlines()[:_MAX_PATTERNS]:
        line = raw.rstrip().lstrip("\ufeff")
        if not line or line.startswith("#"):
            continue
        negated = line.startswith("!")
        pattern = line[1:] if negated else line
        folder_only = pattern.endswith("/")
        pattern = pattern.rstrip("/")
        anchored = "/" in pattern
        pattern = pattern.lstrip("/") if anchored else f"**/{pattern}"
        candidates = parents if folder_only else [*parents, path]
        if any(glob_matches(pattern, candidate) for candidate in candidates):
            verdict = not negated
    return verdict


@lru_cache(maxsize=64)
def _docker_patterns(text: str) -> tuple[tuple[bool, re.Pattern[str]], ...]:
    """Return (negated, expression) of each line."""
    found = []
    for raw in text.splitlines()[:_MAX_PATTERNS]:
        line = raw.strip().lstrip("\ufeff")
        if not line or line.startswith("#"):
            continue
        negated = line.startswith("!")
        pattern = (line[1:] if negated else line).strip().strip("/").removeprefix("./")
        compiled = _compiled(pattern) if pattern else None
        if compiled is not None:
            found.append((negated, compiled))
    return tuple(found)


def docker_ignores(text: str, path: str) -> bool:
    """Whether a `.dockerignore` leaves `path` (relative to the context) out; the last matching line decides."""
    candidates = [path, *_parents(path)]
    for negated, pattern in reversed(_docker_patterns(text)):
        if any(pattern.match(candidate) for candidate in candidates):
            return not negated
    return False


def _parents(path: str) -> list[str]:
    pieces = path.split("/")
    return ["/".join(pieces[:count]) for count in range(1, len(pieces))]
