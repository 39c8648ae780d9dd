"""The Change: what an engine wrote, as a patch against a base commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.model.egress import Refusal

FileStatus = Literal["added", "modified", "deleted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One file of a change; `lines_added` and `lines_removed` are 0 for binary files."""

    path: str
    status: FileStatus
    lines_added: int = 0
    lines_removed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What was written on top of `base`.

    Attributes:
        base: The commit it applies to, 40 hex digits.
        patch: `git diff --binary` output, empty where nothing changed; applies to `base` exactly.
        files: Its files, sorted by path.
        ignored: What was written too, but is no part of it because the repository's ignore rules leave it out; a
            directory that is ignored as a whole ends in `/`. At most 100.
        oversize: What was written too, but is no part of it because nobody could review it. At most 100.
        outward: Links that were written too, but are no part of it because they lead out of it. At most 100.
    """

    base: str
    patch: str = ""
    files: tuple[FileChange, ...] = ()
    ignored: tuple[str, ...] = ()
    oversize: tuple[str, ...] = ()
    outward: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing was written."""
        return not self.files


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A choice an engine made, and why, for the pull request: evidence as `path:line "quote"` or a plain reason."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Something in the way that an engine left alone, and what that means for the reader."""

    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseCost:
    """What one phase of a model's work cost: `implementing`, `repairing` or `revising`."""

    phase: str
    usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What an engine says of what it did; the files themselves are in the workspace.

    Attributes:
        engine: `blueprint` or `claude`.
        decisions: Choices worth telling.
        confirm: Assumptions a person should confirm, one sentence each.
        kept: What was left alone.
        unverified: What was written and cannot be proved by running the stack, one sentence each.
        refused: What its commands asked of the network and did not get.
        cost_usd: What the model cost; 0 for the blueprint.
        phases: The same, phase by phase, in the order of their first call.
        ended: Why it stopped, in words; "" where it simply finished.
    """

    engine: str
    decisions: tuple[Decision, ...] = ()
    confirm: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()
    unverified: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    cost_usd: float = 0.0
    phases: tuple[PhaseCost, ...] = ()
    ended: str = ""
