"""A Mention: one place where a document names a technology, and what the document says of it there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stance = Literal["asserted", "rejected", "deferred", "optional", "open", "aside"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """What one place says of one technology.

    Attributes:
        stance: `asserted` (it runs in the first version), `rejected`, `deferred`, `optional`, `open` (one of several),
            or `aside`: named for another reason, such as an example, a comparison, the product's content.
        weight: 0 to 1: how plainly the place says so.
        roles: What it is for, where the place tells: `cache`, `queue`, `store`, `proxy`, `static`, `dev` ...
        managed: The managed service that provides it here, "" where none is named.
        local: The place says that it runs on our own machines.
        others: The names it is an alternative to, for `open`.
    """

    name: str
    topic: str
    path: str
    line: int
    quote: str
    stance: Stance
    weight: float
    roles: frozenset[str] = frozenset()
    managed: str = ""
    local: bool = False
    others: tuple[str, ...] = ()
    source: Literal["document", "manifest", "issue"] = "document"
