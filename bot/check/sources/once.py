"""Answers that are worked out once for each tree."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from bot.check.tree import Tree

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
