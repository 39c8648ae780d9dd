"""The commands, each imported only when it is called: `groundwork check --help` must not pay for the server."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from typing import Final, Protocol, cast

# name -> (module, one line of help). A command's module offers `add_arguments` and `run`.
COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "run": ("bot.cli.run", "build infrastructure for a local repository: branch, pull request text, health report"),
    "brief": ("bot.cli.brief", "say what a repository needs to run, with evidence"),
    "check": ("bot.cli.check", "check compose files, Dockerfiles and the tree against the rules"),
    "verify": ("bot.cli.verify", "build, start, watch, probe and judge a compose stack, then take it down"),
    "rules": ("bot.cli.rules", "show a rule's page, or the table of all"),
    "setup": ("bot.cli.setup", "register the GitHub App from app.yml and write the server's settings"),
    "serve": ("bot.cli.serve", "serve the GitHub App: receive its webhooks, work on labelled issues"),
    "doctor": ("bot.cli.doctor", "say what is misconfigured, here and on GitHub, and the exact mend"),
    "deliver": ("bot.cli.deliver", "sign a recorded webhook, send it to a running server, say what its answer means"),
    "versions": ("bot.cli.versions", "say which of the versions that scaffolds fix are behind"),
}


class Command(Protocol):
    """What a command's module offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it and return the exit status."""
        ...


def main(argv: list[str] | None = None) -> int:
    """Run the command that `argv` names and return its exit status (2 for wrong usage)."""
    words = sys.argv[1:] if argv is None else argv
    chosen = words[0] if words and words[0] in COMMANDS else None
    parser = argparse.ArgumentParser(
        prog="groundwork",
        description="Infrastructure under /src for a repository, and a health report that was measured.",
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    loaded: Command | None = None
    for name, (module, summary) in COMMANDS.items():
        subparser = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if name == chosen:
            loaded = cast("Command", importlib.import_module(module))
            loaded.add_arguments(subparser)
    arguments = parser.parse_args(words)
    if loaded is None:  # argparse has exited for anything but a known command
        parser.error("a command is required")
    return _guarded(loaded, arguments)


def _guarded(command: Command, arguments: argparse.Namespace) -> int:
    """Run, and turn the errors that people cause into words: what, why, next step; no traceback."""
    from bot.errors import GroundworkError

    try:
        return command.run(arguments)
    except GroundworkError as error:
        sys.stderr.write(f"error: {error.what}\n")
        if error.hint:
            sys.stderr.write(f"  try: {error.hint}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; everything that was started has been taken down\n")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


class _Version(argparse.Action):
    """Print the version, looked up only now: reading metadata takes 20 ms."""

    def __init__(self, option_strings: list[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version and exit")

    def __call__(self, parser: argparse.ArgumentParser, *_ignored: object) -> None:
        from importlib.metadata import version

        parser.exit(message=f"groundwork {version('groundwork')}\n")
