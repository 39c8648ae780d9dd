"""Which rules run: names, codes and code prefixes that people write, checked against the registry."""

from __future__ import annotations

from collections.abc import Iterable

from bot.check.rule import Rule
from bot.errors import UsageError


def chosen_rules(rules: tuple[Rule, ...], select: Iterable[str], ignore: Iterable[str]) -> tuple[Rule, ...]:
    """Return the rules that `select` names (all where it is empty), without those that `ignore` names.

    Raises:
        UsageError: a word names no rule; the hint has the nearest name.
    """
    wanted = named(rules, select)
    unwanted = named(rules, ignore)
    return tuple(r for r in rules if (not wanted or r.name in wanted) and r.name not in unwanted)


def named(rules: tuple[Rule, ...], words: Iterable[str]) -> frozenset[str]:
    """Return the names of the rules that `words` mean: names, codes (`HC03`) or the letters of codes (`HC`).

    Raises:
        UsageError: a word means no rule.
    """
    found: set[str] = set()
    for word in words:
        matches = {rule.name for rule in rules if matches_rule(word, rule)}
        if not matches:
            from difflib import get_close_matches

            names = [rule.name for rule in rules] + [rule.code for rule in rules]
            close = get_close_matches(word, names, n=1)
            hint = f"did you mean {close[0]}?" if close else "`groundwork rules` lists all rules"
            raise UsageError(f"no rule is called {word[:60]!r}", hint=hint)
        found |= matches
    return frozenset(found)


def matches_rule(word: str, rule: Rule) -> bool:
    """Whether `word` means `rule`."""
    upper = word.upper()
    return (
        word == rule.name or upper == rule.code.upper() or (word.isalpha() and upper == rule.code.rstrip("0123456789"))
    )
