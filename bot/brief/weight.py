"""How plainly a place says that a thing is part of the project: from a row of the stack down to a path in passing."""

from __future__ import annotations

import re
from typing import Final

from bot.brief import words
from bot.brief.blocks import Passage
from bot.brief.clause import Clause
from bot.brief.frame import Frame
from bot.brief.lexicon import Match

_FILE: Final = re.compile(
    r"(?:(?:docker-|podman-)?compose)[\w.-]*\.ya?ml|Dockerfile|Caddyfile|nginx[\w.-]*\.conf|"
    r"(?:vercel|netlify|wrangler|fly)\.(?:json|toml)",
    re.IGNORECASE,
)
_IMAGE: Final = re.compile(r"\s*(?:-\s*)?image:\s*\S")
_COMMAND: Final = re.compile(
    r"\s*(?:[$>#]\s*)?(?:sudo\s+)?(?:docker[- ]compose|docker|pip3?|np[mx]|pnpm|yarn|bun|poetry|uv|composer|go|bundle|"
    r"rails|php|python|uvicorn|gunicorn|celery|flask|django-admin|kubectl|helm|systemctl|cargo|dotnet|brew|apt)\b"
)
_CONFIGURATION: Final = frozenset(
    {"", "text", "txt", "plaintext", "yaml", "yml", "env", "dotenv", "ini", "toml", "bash", "sh", "shell", "console"}
    | {"dockerfile", "nginx", "caddyfile", "properties", "conf", "hcl"}
)
_EXPRESSION: Final = re.compile(r"`[^`\n]*(?:\\[bdws.]|\.\*|\^|\$\b|\([^)`]*\|)[^`\n]*`")
_URL: Final = re.compile(r"(?:https?://|www\.)\S*$", re.IGNORECASE)
_TEST: Final = re.compile(r"\btest_\w+\.py\b|\.(?:spec|test)\.[jt]sx?\b")
_SUFFIX: Final = re.compile(r"[/_]\w|\.(?:py|js|ts|go|rb|php|json|md|toml|sql|conf|sh|tsx|jsx)\b|-[a-z]")
_FOLDER: Final = re.compile(r"[\w.)]/$")
# Libraries that serve other front ends too.
_COMPANIONS: Final = frozenset(
    {"react query", "react router", "vue router", "react dom", "pinia"}
    # Libraries that talk to a database: that it is used, not where it runs.
    | {"mongoose", "pymongo", "asyncpg", "psycopg", "psycopg2", "ioredis", "mysqli", "aiosqlite"}
)
_DESCRIBED: Final = re.compile(r"#|//|←|\w/?\s{2,}")
# A line within a drawing that argues is a remark, no box.
_REMARK: Final = re.compile(r"\b(?:would|could|should|might|may|need(?:s|ed)? to|instead|replace)\b", re.IGNORECASE)
_WALL: Final = re.compile(r"[│║┃|]")
_REACH: Final = 40
_PASSING, _WEAK, _PLAIN, _COMPANION = 0.1, 0.3, 0.5, 0.6


def weight(passage: Passage, around: Frame, match: Match, said: Clause) -> float:
    """Return 0 to 1: how plainly `passage` says that the matched name is part of the project, its stance aside."""
    text = passage.text
    if _in_passing(text, match):
        return _PASSING
    file = bool(_FILE.match(text, match.start))
    if (not file and _in_path(text, match)) or around.status in {"phase", "weak"}:
        return _WEAK
    by_kind = _COMPANION if match.words.lower() in _COMPANIONS else _by_kind(passage, match, file=file)
    if by_kind is not None:
        return by_kind
    if around.label or (passage.kind == "item" and match.start < 6 and around.status == "stack"):
        return 1.0 if len(text) < 240 or match.start < 120 else 0.7
    used = 0.7 if _uses(said.before) else _PLAIN
    return 0.8 if around.status == "stack" else used


def _in_passing(text: str, match: Match) -> bool:
    """Whether the name stands in an address, in a regular expression, or in what a test is about."""
    if _TEST.search(text, 0, match.start) or _URL.search(text[max(0, match.start - 80) : match.start]):
        return True
    return "`" in text and any(one.start() < match.start < one.end() for one in _EXPRESSION.finditer(text))


def _by_kind(passage: Passage, match: Match, *, file: bool) -> float | None:
    if passage.kind == "code":
        return _code(passage)
    if passage.kind == "tree":
        described = _DESCRIBED.search(passage.text, 0, match.start)
        return 0.9 if file else 0.6 if described else 0.35
    if passage.kind == "diagram" and (_REMARK.search(passage.text) or _continued(passage.text, match)):
        return _WEAK
    return {"diagram": 0.75, "heading": 0.6}.get(passage.kind)


def _continued(text: str, match: Match) -> bool:
    """Whether its box closes brackets that a line above opened ("(pgvector/", "Qdrant)"): half of what was said."""
    before = _WALL.split(text[: match.start])[-1]
    after = _WALL.split(text[match.end :])[0]
    return "(" not in before and after.lstrip().startswith(")")


def _code(passage: Passage) -> float:
    if _IMAGE.match(passage.text):
        return 1.0
    if passage.language not in _CONFIGURATION:
        return 0.2
    return 0.7 if _COMMAND.match(passage.text) else 0.6


def _uses(before: str) -> bool:
    return any(len(before) - verb.end() <= _REACH for verb in words.anywhere("brief", "uses").finditer(before))


def _in_path(text: str, match: Match) -> bool:
    """Whether the name is only a part of a path or an identifier (`services/redis.py`, `postgres_data`)."""
    before, after = text[max(0, match.start - 1) : match.start], text[match.end : match.end + 8]
    if before == "." and not text[max(0, match.start - 2) : match.start - 1].isalnum():
        before = ""  # ".NET"
    if before in {"_", "-", "@", "."}:
        return True
    if before == "/" and _FOLDER.search(text[max(0, match.start - 3) : match.start]) and re.match(r"[/._-]\w", after):
        return True
    return bool(_SUFFIX.match(after)) and not re.match(r"/[A-Z]", after)
