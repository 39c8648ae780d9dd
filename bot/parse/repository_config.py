"""The one reader of `.github/groundwork.yml`: which keys there are, and what is wrong, with file and line."""

from __future__ import annotations

import re
from collections.abc import Mapping as Values
from typing import Any, Final, get_args

from bot.errors import UsageError
from bot.model.policy import Commits, DraftPolicy, EngineName, Policy, Verification
from bot.parse.nodes import Mapping, Node, Scalar, Sequence
from bot.parse.source import Source
from bot.parse.yaml_reader import read_yaml

_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "draft": get_args(DraftPolicy),
    "engine": get_args(EngineName),
    "commits": get_args(Commits),
    "verification": get_args(Verification),
}
_NUMBERS: Final = {"attempts": 10, "rounds": 100}
_LOGIN: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})"
_LISTS: Final[dict[str, tuple[re.Pattern[str], str]]] = {
    "trusted": (re.compile(rf"{_LOGIN}(?:\[bot\])?"), "a login, such as mona or renovate[bot]"),
    "reviewers": (re.compile(rf"{_LOGIN}(?:/[\w.-]{{1,100}})?"), "a login, such as mona, or a team, such as acme/web"),
    "labels": (re.compile(r"[^\n]{1,50}"), "the name of a label, 50 characters at most"),
}
# Everything the file may say; `check` is read by the rules.
KEYS: Final = ("check", *_LISTS, *_CHOICES, *_NUMBERS)
_MOST: Final = 50  # entries of a list


def parts(source: Source) -> Values[str, Node]:
    """Return the file's parts by key; those that say nothing are left out.

    Raises:
        UsageError: It is no mapping, or has a key that does not exist; says where.
        ParseError: It is no YAML.
    """
    root = read_yaml(source).root
    if root is None or _is_null(root):
        return {}
    if not isinstance(root, Mapping):
        raise wrong(root, "the file must be a mapping")
    for entry in root.entries:
        if entry.key.text not in KEYS:
            raise wrong(entry.key, f"there is no key `{entry.key.text[:40]}`; there are {', '.join(KEYS)}")
    return {entry.key.text: entry.value for entry in root.entries if not _is_null(entry.value)}


def read_policy(source: Source) -> Policy:
    """Read all but the `check` part.

    Raises:
        UsageError: A key that does not exist, or a value of the wrong kind; says where.
        ParseError: It is no YAML.
    """
    found: dict[str, Any] = {}
    for key, node in parts(source).items():
        if key in _LISTS:
            found[key] = _list(key, node)
        elif key in _CHOICES:
            found[key] = _choice(key, node)
        elif key in _NUMBERS:
            found[key] = _number(key, node)
    return Policy(said=frozenset(found), **found)


def wrong(node: Node, what: str, hint: str = "") -> UsageError:
    """Return the error that says `what` is wrong at `node`."""
    span = node.span
    return UsageError(f"{span.path}:{span.line}:{span.column}: {what}", hint=hint)


def _list(key: str, node: Node) -> tuple[str, ...]:
    pattern, what = _LISTS[key]
    items = node.items if isinstance(node, Sequence) else (node,)
    if len(items) > _MOST:
        raise wrong(node, f"`{key}` has {len(items)} entries; {_MOST} is the most")
    for item in items:
        if not isinstance(item, Scalar) or not pattern.fullmatch(item.text.removeprefix("@")):
            raise wrong(item, f"each of `{key}` is {what}")
    return tuple(dict.fromkeys(item.text.removeprefix("@") for item in items if isinstance(item, Scalar)))


def _choice(key: str, node: Node) -> str:
    if not isinstance(node, Scalar) or node.text not in _CHOICES[key]:
        raise wrong(node, f"`{key}` is one of {', '.join(_CHOICES[key])}")
    return node.text


def _number(key: str, node: Node) -> int:
    value = node.value if isinstance(node, Scalar) else None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _NUMBERS[key]:
        raise wrong(node, f"`{key}` is a number from 1 to {_NUMBERS[key]}")
    return value


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None
