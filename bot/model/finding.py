"""A Finding: what a rule found, where, in words for a person, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters; `error` and `warning` fail a check, `info` does not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Safety(StrEnum):
    """Whether a fix may be applied without asking."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Replace the characters `start` to `end` of `path` by `text`; a missing file is made with `text`.

    Attributes:
        path: Relative to the checked tree, `/`-separated. Ending in `/`: a directory to make.
        start: 0-based offset in characters (after decoding), inclusive.
        end: 0-based offset, exclusive; equal to `start` for an insertion.
        text: The replacement.
        mode: Permission bits for a file that is made.
        delete: Remove the file instead; always unsafe, and the other fields count for nothing.
    """

    path: str
    start: int = 0
    end: int = 0
    text: str = ""
    mode: int = 0o644
    delete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Edits that mend one finding, applied together or not at all."""

    safety: Safety
    description: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule found.

    Attributes:
        rule: Its name, the contract, such as `healthcheck-localhost`.
        code: Its short form, such as `HC03`; escape rules have none and repeat the name.
        severity: After configuration.
        path: Relative to the checked tree, `/`-separated.
        line: 1-based line; `column`, `end_line`, `end_column` likewise (the end is exclusive; 0 where unknown).
        message: One or two sentences: what is wrong here, what it leads to.
        fix: How to mend it, where a machine can.
    """

    rule: str
    code: str
    severity: Severity
    path: str
    line: int
    message: str
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    fix: Fix | None = None
