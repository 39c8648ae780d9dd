"""Errors that people read: each says what happened, why, and the next step."""

from __future__ import annotations


class GroundworkError(Exception):
    """What happened, why, and the next step; printed without a traceback.

    Attributes:
        what: One sentence: what happened, and why where that is known.
        hint: The next step for the person who reads it, or "" where there is none to give.
    """

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        """Both sentences, on a line each."""
        return f"{self.what}\n{self.hint}" if self.hint else self.what


class UsageError(GroundworkError):
    """The command line, or what it points at, cannot be used: exit status 2."""


class InvalidValueError(GroundworkError):
    """Stored or received data does not have the shape it should have."""


class RepositoryError(GroundworkError):
    """The repository cannot be worked on: exit status 2."""


class ParseError(GroundworkError):
    """A file cannot be read as what its name says; carries the position.

    Attributes:
        path: The file, relative to the tree.
        line: 1-based line.
        column: 1-based column.
    """

    def __init__(self, what: str, *, path: str, line: int = 1, column: int = 1, hint: str = "") -> None:
        super().__init__(what, hint=hint)
        self.path = path
        self.line = line
        self.column = column


class EngineUnavailableError(GroundworkError):
    """No Docker engine answers, or it is too old for what is asked."""


class NotNowError(GroundworkError):
    """What was asked is not refused but postponed.

    Attributes:
        seconds: How long from now; a durable run sleeps so long, and asks again.
    """

    def __init__(self, what: str, *, seconds: float, hint: str = "") -> None:
        super().__init__(what, hint=hint)
        self.seconds = seconds
