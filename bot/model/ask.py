"""What people ask of a pull request in reviews and comments, and what became of each of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.model.change import Work

AskKind = Literal["thread", "review", "comment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One thing that waits for an answer: a thread beside a line, a review's own words, or `/infra run` in a comment.

    Attributes:
        kind: Where it was written, and so where it is answered.
        number: Id of the newest comment in the thread, of the review, or of the comment.
        author: Who wrote it; somebody who may write to the repository.
        words: Its visible text, untrusted; of a thread, all that was not answered yet.
        path: For a thread: the file, `line` from 1 (0 for the whole file), and `hunk`, the diff around it.
        root: For a thread: id of its first comment.
    """

    kind: AskKind
    number: int
    author: str
    words: str
    path: str = ""
    line: int = 0
    hunk: str = ""
    root: int = 0

    @property
    def key(self) -> str:
        """How it is known: in an answer's marker, and to an engine."""
        return f"{self.kind}-{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """All that waits on a pull request, oldest first; `round` counts the revisions, this one included."""

    asks: tuple[Ask, ...] = ()
    round: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of an ask: `done`, with what was done, or why not; one or two sentences without the final stop."""

    ask: str
    done: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What an engine made of asks: its work, the files of which are in the workspace, and an answer to each."""

    work: Work
    answers: tuple[Answer, ...]
