"""Secrets taken out of text before anybody reads it: known values, and the shapes that keys have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

MASK: Final = "***"

# Names of variables whose values are secret. Endings, so that `PASSWORD_RESET_URL` or `TOKENIZER` stay readable.
_SECRET_NAME: Final = re.compile(
    r"(?i)(pass(word|wd|phrase)?|secret|token|api_?key|private_?key|access_?key|secret_?key|credentials?|dsn|salt)"
    r"(_(file|hash|base64|b64|\d+))?$"
)
_SHAPES: Final = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"\bgh[oprsu]_[A-Za-z0-9]{20,}\b|\bgithub_pat_[A-Za-z0-9_]{20,}\b|\bglpat-[A-Za-z0-9_-]{20,}"),
    re.compile(r"\bsk-[A-Za-z0-9_-]{16,}|\b[rs]k_(?:live|test)_[A-Za-z0-9]{12,}|\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_-]{30,}"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}"),
)
# The secret is group 2: what stands before it tells the reader which one was there.
_CARRIED: Final = (
    re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,20}://[^\s/:@]{0,100}:)([^\s/@]{1,200})(?=@)"),
    re.compile(r"(?i)(\bauthorization\b[\"']?\s*[:=]\s*[\"']?(?:bearer|basic|token)\s+)([^\s\"']{4,})"),
    re.compile(
        r"(?i)(\b[a-z0-9_]*(?:password|passwd|secret|token|api_?key|private_?key)[\"']?\s*[:=]\s*[\"']?)"
        r"(?!\$\{?|<|\*\*\*)([^\s\"',;&}]{4,})"
    ),
)
_SHORTEST: Final = 4
# Values that are secret only by name: masking every "postgres" would make a log unreadable and hide nothing.
_COMMON: Final = frozenset(
    {
        "true",
        "false",
        "null",
        "none",
        "root",
        "admin",
        "user",
        "test",
        "postgres",
        "mysql",
        "redis",
        "guest",
        "rabbitmq",
    }
)


class Redactor:
    """Takes secrets out of text; made once for a stack, pure afterwards."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {value for value in secrets if len(value) >= _SHORTEST and value.lower() not in _COMMON}
        ordered = sorted(known, key=lambda value: (-len(value), value))
        self._known = re.compile("|".join(re.escape(value) for value in ordered)) if ordered else None

    def __call__(self, text: str) -> str:
        """Return `text` with every known secret and everything shaped like one replaced by `***`."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for shape in _SHAPES:
            text = shape.sub(MASK, text)
        for carried in _CARRIED:
            text = carried.sub(rf"\g<1>{MASK}", text)
        return text

    def lines(self, lines: Iterable[str]) -> tuple[str, ...]:
        """Return the lines, each redacted."""
        return tuple(self(line) for line in lines)


def secret_values(environment: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return the values of `environment` whose names, or whose own form (URLs with a password), make them secret."""
    found: list[str] = []
    for name, value in environment.items():
        if not value:
            continue
        if _SECRET_NAME.search(name):
            found.append(value)
        elif (carried := _CARRIED[0].search(value)) is not None:
            found.append(carried.group(2))
    return tuple(found)
