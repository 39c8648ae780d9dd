"""The `check` part of `.github/groundwork.yml`: select, ignore and severity of rules, also per path."""

from __future__ import annotations

import re
from collections.abc import Mapping as Values
from dataclasses import dataclass, field

from bot.check.rule import Rule
from bot.check.selection import named
from bot.errors import UsageError
from bot.model.finding import Severity
from bot.parse.nodes import Mapping, Node, Scalar, Sequence
from bot.parse.repository_config import parts, wrong
from bot.parse.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPolicy:
    """What differs under a path: `pattern` as written, such as `src/legacy/**`."""

    pattern: str
    matches: re.Pattern[str]
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    severity: Values[str, Severity] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What the repository wants of the rules; rules by name."""

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    severity: Values[str, Severity] = field(default_factory=dict)
    paths: tuple[PathPolicy, ...] = ()

    def severity_at(self, rule: str, path: str, default: Severity) -> Severity | None:
        """Return how much a finding of `rule` in `path` matters here; None where it is ignored."""
        if rule in self.ignore or (self.select and rule not in self.select):
            return None
        chosen = self.severity.get(rule, default)
        for policy in self.paths:
            if policy.matches.match(path):
                if rule in policy.ignore or (policy.select and rule not in policy.select):
                    return None
                chosen = policy.severity.get(rule, chosen)
        return chosen


def read_config(source: Source, rules: tuple[Rule, ...]) -> Config:
    """Read the `check` part; the others belong to others.

    Raises:
        UsageError: a key or a rule that does not exist, or a value of the wrong kind; says where.
        ParseError: not YAML.
    """
    reading = _Reading(rules)
    part = parts(source).get("check")
    if part is None:
        return Config()
    values = reading.keys(part, "check", ("select", "ignore", "severity", "paths"))
    policies = values.get("paths")
    return Config(
        select=reading.rules(values.get("select")),
        ignore=reading.rules(values.get("ignore")),
        severity=reading.severities(values.get("severity")),
        paths=tuple(reading.policy(entry.key, entry.value) for entry in reading.mapping(policies, "paths").entries)
        if policies is not None
        else (),
    )


class _Reading:
    """Turns nodes into values, or into errors that name file and line."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.known = rules

    def mapping(self, node: Node, what: str) -> Mapping:
        if not isinstance(node, Mapping):
            raise wrong(node, f"{what} must be a mapping")
        return node

    def keys(self, node: Node, what: str, allowed: tuple[str, ...]) -> dict[str, Node]:
        mapping = self.mapping(node, what)
        for entry in mapping.entries:
            if entry.key.text not in allowed:
                words = f"`{what}` has no key `{entry.key.text}`; there are {', '.join(allowed)}"
                raise wrong(entry.key, words)
        return {entry.key.text: entry.value for entry in mapping.entries}

    def rules(self, node: Node | None) -> frozenset[str]:
        if node is None or (isinstance(node, Scalar) and node.value is None):
            return frozenset()
        items = node.items if isinstance(node, Sequence) else (node,)
        found: set[str] = set()
        for item in items:
            if not isinstance(item, Scalar):
                raise wrong(item, "rules are listed by name or code")
            found |= self._named(item)
        return frozenset(found)

    def _named(self, item: Scalar) -> frozenset[str]:
        try:
            return named(self.known, (item.text,))
        except UsageError as error:
            raise wrong(item, error.what, error.hint) from error

    def severities(self, node: Node | None) -> dict[str, Severity]:
        if node is None:
            return {}
        found: dict[str, Severity] = {}
        for entry in self.mapping(node, "severity").entries:
            value = entry.value.text if isinstance(entry.value, Scalar) else ""
            if value not in set(Severity):
                raise wrong(entry.value, f"a severity is error, warning or info, not {value[:40]!r}")
            found.update(dict.fromkeys(self._named(entry.key), Severity(value)))
        return found

    def policy(self, key: Scalar, node: Node) -> PathPolicy:
        values = self.keys(node, f"paths.{key.text}", ("select", "ignore", "severity"))
        return PathPolicy(
            pattern=key.text,
            matches=_glob(key.text),
            select=self.rules(values.get("select")),
            ignore=self.rules(values.get("ignore")),
            severity=self.severities(values.get("severity")),
        )


def _glob(pattern: str) -> re.Pattern[str]:
    """Return a path pattern as a regular expression: `**` any folders, `*` within a name; a folder means all in it."""
    out = []
    at = 0
    clean = pattern.removeprefix("./").rstrip("/")
    while at < len(clean):
        if clean.startswith("**/", at):
            out.append("(?:[^/]+/)*")
            at += 3
        elif clean.startswith("**", at):
            out.append(".*")
            at += 2
        elif clean[at] == "*":
            out.append("[^/]*")
            at += 1
        elif clean[at] == "?":
            out.append("[^/]")
            at += 1
        else:
            out.append(re.escape(clean[at]))
            at += 1
    return re.compile("".join(out) + r"(?:/.*)?\Z")
