"""What a container really runs: npm scripts and start scripts followed down to programs."""

from __future__ import annotations

import re
from dataclasses import replace
from posixpath import basename
from typing import Final

from bot.check.sources.folder import Folder
from bot.check.sources.package_json import read_package_json
from bot.parse.shell import Command
from bot.parse.shell_wrappers import inner_commands, run_commands

_DEPTH: Final = 6
_MANAGERS: Final = frozenset({"npm", "yarn", "pnpm", "bun"})
_RUN: Final = frozenset({"run", "run-script", "rum", "urn"})
_SHORT: Final = frozenset({"start", "test", "stop", "restart"})
_RUNNERS: Final = frozenset({"npx", "bunx", "pnpx"})
_PREFIXED: Final = {"poetry": "run", "uv": "run", "pipenv": "run", "bundle": "exec", "rye": "run", "pdm": "run"}
_SCRIPT: Final = re.compile(r"[\w./-]+\.(?:sh|bash)$|(?:^|/)(?:docker-)?(?:entrypoint|start|run|boot)$")


def script_run(command: Command) -> tuple[str, tuple[str, ...]] | None:
    """Return the package.json script that a command runs and what it hands on, or None where it runs none."""
    if command.program not in _MANAGERS:
        return None
    words = list(command.arguments)
    while words and words[0].startswith("-"):
        words = words[2 if words[0] in {"--prefix", "-C", "--cwd", "--dir", "--filter", "-w", "--workspace"} else 1 :]
    if not words:
        return None
    if words[0] in _RUN:
        rest = list(words[1:])
        while rest and rest[0].startswith("-") and rest[0] != "--":
            rest = rest[1:]
        return (rest[0], _handed(rest[1:])) if rest else None
    if words[0] in _SHORT or command.program in {"yarn", "pnpm"}:
        return words[0], _handed(words[1:])
    return None


def _handed(words: list[str]) -> tuple[str, ...]:
    return tuple(words[1:] if words[:1] == ["--"] else words)


def processes(
    commands: tuple[Command, ...], folder: Folder, handed: tuple[Command, ...] = (), depth: int = _DEPTH
) -> tuple[Command, ...]:
    """Return the programs that `commands` come down to.

    Args:
        commands: What the container is told to run, wrappers taken off.
        folder: The application, where package.json and start scripts are looked for.
        handed: What an entrypoint's `"$@"` stands for.
        depth: How many scripts may call scripts.
    """
    if depth <= 0:
        return commands
    return tuple(found for command in commands for found in _down(command, folder, handed, depth))


def _down(command: Command, folder: Folder, handed: tuple[Command, ...], depth: int) -> tuple[Command, ...]:
    script = script_run(command)
    if script is not None:
        package = read_package_json(folder)
        text = package.scripts.get(script[0]) if package else None
        if text is not None:
            extra = "".join(f" {_quoted(word)}" for word in script[1])
            return processes(run_commands(text + extra), folder, (), depth - 1)
        if command.program == "yarn" and package is not None and len(command.words) > 1:
            return _down(replace(command, words=command.words[1:]), folder, handed, depth - 1)
        return (command,)
    if command.program in _RUNNERS or (
        command.program in _MANAGERS and command.arguments[:1] in {("exec",), ("dlx",), ("x",)}
    ):
        words = command.words[1:] if command.program in _RUNNERS else command.words[2:]
        while words and words[0].value.startswith("-"):
            words = words[1:]
        return _down(replace(command, words=words), folder, handed, depth - 1) if words else (command,)
    if command.program in _PREFIXED and _PREFIXED[command.program] in command.arguments[:1]:
        words = command.words[2:]
        return (
            tuple(f for c in inner_commands(replace(command, words=words)) for f in _down(c, folder, handed, depth - 1))
            if words
            else (command,)
        )
    if command.words[0].value in {"$@", "$*"} or command.words[0].value.startswith("${@"):
        return processes(handed, folder, (), depth - 1)
    return _script(command, folder, handed, depth)


def _script(command: Command, folder: Folder, handed: tuple[Command, ...], depth: int) -> tuple[Command, ...]:
    """Read a start script of the application, found by its name; a stranger's stays as it is."""
    words = command.words
    if command.program in {"sh", "bash", "ash", "dash", "source", "."} and len(words) > 1:
        words = words[1:]
    if not _SCRIPT.search(words[0].value):
        return (command,)
    name = basename(words[0].value)
    found = [path for path in folder.paths if basename(path) == name and "node_modules/" not in path]
    text = folder.text(found[0]) if len(found) == 1 else None
    if text is None:
        return (command,)
    inner = handed
    if len(words) > 1:
        inner = inner_commands(replace(command, words=words[1:]))
    return processes(run_commands(text), folder, inner, depth - 1)


def _quoted(word: str) -> str:
    return word if re.fullmatch(r"[\w./:=@%+,-]+", word) else "'" + word.replace("'", "'\\''") + "'"
