"""The commands that an instruction runs."""

from __future__ import annotations

from bot.parse.dockerfile_model import Instruction
from bot.parse.shell import Command
from bot.parse.shell_wrappers import SHELLS, exec_commands, run_commands


def instruction_commands(instruction: Instruction) -> tuple[Command, ...]:
    """Return the commands that a RUN, CMD or ENTRYPOINT runs, wrappers such as `sh -c` and `exec` taken off.

    A heredoc that is a script (`RUN <<EOF`, `RUN bash <<EOF`) is read as one; other interpreters' scripts are not.
    """
    if instruction.exec_form:
        return exec_commands(instruction.words)
    commands = run_commands(instruction.body)
    if not instruction.heredocs:
        return commands
    if not commands or (len(commands) == 1 and commands[0].program in SHELLS):
        bodies = [h.body for h in instruction.heredocs if not _foreign(h.body.text)]
        return tuple(command for body in bodies for command in run_commands(body))
    return commands


def _foreign(script: str) -> bool:
    """Whether a script's first line names an interpreter that is no shell."""
    first = script.lstrip().split("\n", 1)[0]
    return first.startswith("#!") and not any(first.rstrip().endswith(shell) for shell in SHELLS)
