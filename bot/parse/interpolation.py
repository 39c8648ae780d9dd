"""`${VAR}` in compose files: what it becomes, and which variables were asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of a variable in a text.

    Attributes:
        name: The variable.
        start: Offset of its `$` in the text; `end` behind its last character.
        default: What stands for it when it is not set; None where nothing does.
        required: `${VAR:?message}`: compose stops without it.
        operator: As written: "", `:-`, `-`, `:?`, `?`, `:+`, `+`.
    """

    name: str
    start: int
    end: int
    default: str | None = None
    required: bool = False
    operator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpolated:
    """A text after interpolation; `unknown` where a variable has no value here, and then `text` is not its value."""

    text: str
    uses: tuple[Use, ...] = ()
    unknown: bool = False
    bad: bool = False


def interpolate(text: str, values: Mapping[str, str], depth: int = 0) -> Interpolated:
    """Replace variables as compose does; `$$` is a dollar. `bad` where compose would refuse the syntax."""
    if "$" not in text:
        return Interpolated(text=text)
    out: list[str] = []
    uses: list[Use] = []
    unknown = bad = False
    at = 0
    while at < len(text):
        dollar = text.find("$", at)
        if dollar < 0:
            out.append(text[at:])
            break
        out.append(text[at:dollar])
        following = text[dollar + 1 : dollar + 2]
        if following == "$":
            out.append("$")
            at = dollar + 2
            continue
        use, at = _use(text, dollar)
        if use is None:
            bad = bad or following == "{" or bool(following and (following.isalpha() or following == "_"))
            out.append(text[dollar:at])
            continue
        uses.append(use)
        value, missing, inner = _value(use, values, depth)
        uses.extend(inner)
        unknown = unknown or missing
        out.append(value)
    return Interpolated(text="".join(out), uses=tuple(uses), unknown=unknown, bad=bad)


def _use(text: str, dollar: int) -> tuple[Use | None, int]:
    """Read the variable that begins at `dollar`; None where there is none, and where to go on."""
    if text[dollar + 1 : dollar + 2] != "{":
        match = _NAME.match(text, dollar + 1)
        if not match:
            return None, dollar + 1
        return Use(name=match[0], start=dollar, end=match.end()), match.end()
    match = _NAME.match(text, dollar + 2)
    close = _closing(text, dollar + 1)
    if not match or close is None:
        return None, dollar + 2
    rest = text[match.end() : close]
    operator = rest[:2] if rest[:1] == ":" else rest[:1]
    if operator not in {"", ":-", "-", ":?", "?", ":+", "+"}:
        return None, close + 1
    default = rest[len(operator) :] if operator in {":-", "-"} else "" if operator in {":+", "+"} else None
    required = operator in {":?", "?"}
    return (
        Use(name=match[0], start=dollar, end=close + 1, default=default, required=required, operator=operator),
        close + 1,
    )


def _closing(text: str, brace: int) -> int | None:
    depth = 0
    for at in range(brace, len(text)):
        if text[at] == "{":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if depth == 0:
                return at
    return None


def _value(use: Use, values: Mapping[str, str], depth: int) -> tuple[str, bool, tuple[Use, ...]]:
    """Return what `use` becomes, whether that is unknown, and the uses in its default."""
    value = values.get(use.name)
    given = value is not None and (value != "" or not use.operator.startswith(":"))
    if use.operator in {":+", "+"}:
        return "", True, ()  # an alternative depends on what is set elsewhere: nobody here knows
    if given and value is not None:
        return value, False, ()
    if use.default is None:
        return f"${{{use.name}}}", True, ()
    if depth >= 8:
        return use.default, True, ()
    inner = interpolate(use.default, values, depth + 1)
    offset = use.end - 1 - len(use.default)
    nested = tuple(
        Use(
            name=each.name,
            start=each.start + offset,
            end=each.end + offset,
            default=each.default,
            required=each.required,
            operator=each.operator,
        )
        for each in inner.uses
    )
    return inner.text, inner.unknown, nested
