"""Frozen dataclasses to JSON and back, validated."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from bot.errors import InvalidValueError

T = TypeVar("T")


def to_json(value: object, *, indent: int = 0) -> bytes:
    """Return `value` (a frozen dataclass of `bot.model`, or builtins) as UTF-8 JSON, keys in field order."""
    encoded = msgspec.json.encode(value)
    return msgspec.json.format(encoded, indent=indent) if indent else encoded


def from_json(kind: type[T], data: bytes | str) -> T:
    """Return the `kind` that `data` holds.

    Raises:
        InvalidValueError: `data` is not JSON, or does not have the shape of `kind`; the message names the field.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise InvalidValueError(f"not a valid {kind.__name__}: {error}") from error


def to_builtins(value: object) -> Any:
    """Return `value` as dicts, lists, strings and numbers, as JSON would hold it."""
    return msgspec.to_builtins(value)


def from_builtins(kind: type[T], data: object) -> T:
    """Return the `kind` that the builtins in `data` describe; the counterpart of `to_builtins`.

    Raises:
        InvalidValueError: the shape is not that of `kind`; the message names the field.
    """
    try:
        return msgspec.convert(data, type=kind)
    except msgspec.MsgspecError as error:
        raise InvalidValueError(f"not a valid {kind.__name__}: {error}") from error
