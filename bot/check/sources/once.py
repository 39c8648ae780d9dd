"""Answers that are worked out once for each tree, and findings that are told once for each place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from bot.check.tree import Tree
from bot.model.finding import Finding

T = TypeVar("T")


def once_per_tree(function: Callable[[Tree], T]) -> Callable[[Tree], T]:
    """Return `function` with a memory that lives as long as the tree it was asked about."""
    known: WeakKeyDictionary[Tree, T] = WeakKeyDictionary()

    @wraps(function)
    def remembered(tree: Tree) -> T:
        if tree not in known:
            known[tree] = function(tree)
        return known[tree]

    return remembered


def each_place_once(check: Callable[[Tree], Iterable[Finding]]) -> Callable[[Tree], Iterator[Finding]]:
    """Return `check` without repetitions: a Dockerfile that several services build is read for each of them."""

    @wraps(check)
    def unrepeated(tree: Tree) -> Iterator[Finding]:
        seen: set[tuple[str, int, int]] = set()
        for finding in check(tree):
            place = (finding.path, finding.line, finding.column)
            if place not in seen:
                seen.add(place)
                yield finding

    return unrepeated
