"""Conditions of a skill: `database`, `database=postgresql,mysql`, `!proxy`, several joined by ` and `."""

from __future__ import annotations

from collections.abc import Mapping


def holds(condition: str, names: Mapping[str, str]) -> bool:
    """Tell whether `condition` holds for the chosen `names` (part to canonical name, "" for none); "" always holds.

    Raises:
        KeyError: the condition speaks of a part that does not exist.
    """
    return all(_clause(clause.strip(), names) for clause in condition.split(" and ")) if condition else True


def _clause(clause: str, names: Mapping[str, str]) -> bool:
    negated, bare = clause.startswith("!"), clause.removeprefix("!")
    part, _, wanted = bare.partition("=")
    value = names[part]
    met = value in wanted.split(",") if wanted else bool(value)
    return met is not negated
