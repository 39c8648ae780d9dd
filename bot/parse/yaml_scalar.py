"""What a plain YAML scalar means to compose: the core schema as go-yaml v3 reads it."""

from __future__ import annotations

import re
from typing import Final

from bot.parse.nodes import Plain

_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
_INT: Final = re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)\Z")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_SPECIAL: Final = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")


def meaning(text: str) -> Plain:
    """Return the typed value of an unquoted scalar.

    `yes`, `on` and `22:22` are text, as in YAML 1.2; `010` is octal, as go-yaml has it.
    """
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if not (text[:1].isdigit() or text[:1] in "+-."):
        return text
    if len(text) <= 64 and _INT.match(text):
        return _integer(text)
    if _FLOAT.match(text):
        return float(text)
    if _SPECIAL.match(text):
        return float(text.lower().replace(".", ""))
    return text


def _integer(text: str) -> Plain:
    digits = text.replace("_", "").lstrip("+-")
    sign = -1 if text.startswith("-") else 1
    prefix = digits[:2].lower()
    base = {"0b": 2, "0o": 8, "0x": 16}.get(prefix)
    if base is None and len(digits) > 1 and digits.startswith("0"):
        base, digits = 8, digits.lstrip("0") or "0"
        if not re.fullmatch("[0-7]+", digits):
            return text
    elif base is not None:
        digits = digits[2:]
    return sign * int(digits, base or 10) if digits else text
