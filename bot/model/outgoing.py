"""A commit that a forge is to make anew from its parts, so that it carries the forge's own signature."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One path that the commit has otherwise than its first parent.

    Attributes:
        path: From the top of the repository.
        mode: As git writes it: `100644`, `100755`, `120000` for a link, `160000` for a submodule.
        object_id: The file's object; "" where the path is removed.
        content: The bytes of an object that the forge does not have yet; None where it has it.
    """

    path: str
    mode: str
    object_id: str
    content: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A commit in parts; `tree` and `before` are the trees of the commit and of its first parent."""

    parents: tuple[str, ...]
    message: str
    tree: str
    before: str
    entries: tuple[Entry, ...]
