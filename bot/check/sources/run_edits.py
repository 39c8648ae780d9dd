"""Edits of Dockerfiles at located commands and instructions."""

from __future__ import annotations

from bot.model.finding import Edit
from bot.parse.dockerfile_model import Dockerfile, Instruction
from bot.parse.shell import Command


def plain_run(dockerfile: Dockerfile, instruction: Instruction, command: Command) -> bool:
    """Whether a command stands in a shell-form RUN as it is written, so that words can be put beside it."""
    text = dockerfile.source.text
    return (
        not instruction.exec_form
        and not instruction.heredocs
        and all(text[word.start : word.end] == text[word.start : word.start + len(word.raw)] for word in command.words)
        and text[command.words[0].start : command.words[0].end] == command.words[0].raw
        and instruction.start < command.words[0].start < command.words[-1].end <= instruction.end
    )


def before(dockerfile: Dockerfile, instruction: Instruction, command: Command, text: str) -> Edit | None:
    """Return the edit that runs `text` before a command; None where that cannot be done in place."""
    if not plain_run(dockerfile, instruction, command) or command.operator == "|":
        return None
    first = command.assignments[0] if command.assignments else command.words[0]
    return Edit(path=dockerfile.path, start=first.start, end=first.start, text=f"{text} && ")


def behind(dockerfile: Dockerfile, instruction: Instruction, command: Command, text: str) -> Edit | None:
    """Return the edit that runs `text` right after a command."""
    if not plain_run(dockerfile, instruction, command):
        return None
    end = max([command.words[-1].end, *(redirect.target.end for redirect in command.redirects)])
    return Edit(path=dockerfile.path, start=end, end=end, text=f" && {text}")


def around(
    dockerfile: Dockerfile, instruction: Instruction, command: Command, first: str, last: str
) -> tuple[Edit, ...]:
    """Return the edits that run `first` before a command and `last` at the end of its RUN; empty where not possible."""
    opening = before(dockerfile, instruction, command, first)
    if opening is None:
        return ()
    end = instruction.body.end_offset(len(instruction.body.text))
    return (opening, Edit(path=dockerfile.path, start=end, end=end, text=f" && {last}"))


def line_behind(dockerfile: Dockerfile, instruction: Instruction, text: str) -> Edit:
    """Return the edit that puts a line of its own behind an instruction."""
    source = dockerfile.source
    end = instruction.end
    newline = source.newline
    return Edit(path=dockerfile.path, start=end, end=end, text=f"{newline}{text}")
