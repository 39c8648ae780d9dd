"""What really runs behind `sh -c`, `exec`, `env`, `gosu`, `tini`, `timeout` and their kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.parse.dockerfile_text import Text, Word
from bot.parse.shell import Command, split_commands

SHELLS: Final = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
# program -> how many plain words (a user, a duration) stand before the program it runs
_WRAPPERS: Final[dict[str, int]] = {
    "exec": 0,
    "env": 0,
    "sudo": 0,
    "nohup": 0,
    "nice": 0,
    "command": 0,
    "tini": 0,
    "dumb-init": 0,
    "catatonit": 0,
    "cross-env": 0,
    "cross-env-shell": 0,
    "xvfb-run": 0,
    "stdbuf": 0,
    "gosu": 1,
    "su-exec": 1,
    "setpriv": 0,
    "chroot": 1,
    "timeout": 1,
    "wait-for-it": 0,
    "docker-php-entrypoint": 0,
    "docker-entrypoint.sh": 0,
}
# Options of the wrappers that take the next word as their value.
_VALUED: Final = frozenset({"-u", "-g", "-k", "-s", "-n", "-i", "-o", "-e", "-C", "-S"})
_DEPTH: Final = 8


def inner_commands(command: Command, *, depth: int = _DEPTH) -> tuple[Command, ...]:
    """Return the commands that `command` comes down to: itself, or what its wrapper runs."""
    if depth <= 0:
        return (command,)
    program = command.program
    if program in SHELLS:
        script = _script(command.words)
        if script is None:
            return (command,)
        found = split_commands(Text.within(script))
        inner = tuple(i for c in found for i in inner_commands(c, depth=depth - 1))
        # The operator that led to the shell leads to its first command.
        return (replace(inner[0], operator=command.operator), *inner[1:]) if inner else (command,)
    if program in _WRAPPERS:
        rest = _behind(command.words, _WRAPPERS[program])
        if rest:
            return inner_commands(replace(command, words=rest), depth=depth - 1)
    return (command,)


def run_commands(text: Text | str) -> tuple[Command, ...]:
    """Return the commands of a shell text, wrappers taken off."""
    return tuple(inner for command in split_commands(text) for inner in inner_commands(command))


def exec_commands(words: tuple[Word, ...]) -> tuple[Command, ...]:
    """Return the commands of an exec form, wrappers taken off; an empty list runs nothing."""
    return inner_commands(Command(words=words)) if words else ()


def _script(words: tuple[Word, ...]) -> Word | None:
    """Return the word that a shell runs as script: the one behind `-c` (also `-lc`, `-ec`, `-o pipefail -c`)."""
    at = 1
    while at < len(words):
        value = words[at].value
        if value.startswith("-") and not value.startswith("--") and value.endswith("c"):
            return words[at + 1] if at + 1 < len(words) else None
        if value in {"-o", "+o", "-O"}:
            at += 1
        elif not value.startswith(("-", "+")):
            return None
        at += 1
    return None


def _behind(words: tuple[Word, ...], plain: int) -> tuple[Word, ...]:
    at = 1
    while at < len(words):
        value = words[at].value
        if value == "--":
            at += 1
            break
        if value in _VALUED:
            at += 2
        elif value.startswith("-") or "=" in value.split("/", 1)[0]:
            at += 1
        elif plain:
            plain -= 1
            at += 1
        else:
            break
    return words[at:]
