"""`groundwork check`: the rules, statically."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the rules are loaded when they run: `--help` must not wait for them
    from bot.check.engine import CheckResult, Options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("path", type=Path, nargs="?", default=Path(), metavar="PATH", help="repository, or its src")
    parser.add_argument("--fix", action="store_true", help="mend what can be mended safely")
    parser.add_argument("--unsafe-fixes", action="store_true", help="with --fix or --diff: also what changes meaning")
    parser.add_argument("--diff", action="store_true", help="print what --fix would change, and change nothing")
    parser.add_argument("--format", choices=("text", "json", "sarif", "github"), default="text", help="form of output")
    parser.add_argument("--select", type=_words, action="extend", default=[], metavar="RULE", help="only these rules")
    parser.add_argument("--ignore", type=_words, action="extend", default=[], metavar="RULE", help="not these rules")
    parser.add_argument("--workflows", action="store_true", help="also audit .github/workflows, with zizmor")
    parser.add_argument("--no-config", action="store_true", help="no .github/groundwork.yml, no comments that silence")
    parser.add_argument("--statistics", action="store_true", help="count findings by rule")
    parser.add_argument("--quiet", "-q", action="store_true", help="print findings only")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def run(arguments: argparse.Namespace) -> int:
    """Check, and return 0 where nothing is wrong, 1 for findings of severity error or warning."""
    from bot.check.engine import Options, check_tree

    options = Options(
        select=tuple(arguments.select),
        ignore=tuple(arguments.ignore),
        configured=not arguments.no_config,
        workflows=arguments.workflows,
    )
    if arguments.diff or arguments.fix or arguments.unsafe_fixes:
        return _fix(arguments, options)
    result = check_tree(arguments.path, options)
    _tell(result, arguments)
    return 1 if result.failed else 0


def _fix(arguments: argparse.Namespace, options: Options) -> int:
    from bot.check.fixing import diff, fix_tree, write

    fixed = fix_tree(arguments.path, options, unsafe=arguments.unsafe_fixes)
    if arguments.diff:
        sys.stdout.write(diff(fixed))
        sys.stderr.write(f"{_fixes(fixed.applied)} would be made.\n")
        return 1 if fixed.applied else 0
    write(fixed)
    _tell(fixed.result, arguments)
    if fixed.applied and arguments.format == "text" and not arguments.quiet:
        sys.stdout.write(f"{_fixes(fixed.applied)} made.\n")
    return 1 if fixed.result.failed else 0


def _fixes(number: int) -> str:
    return f"{number} fix" if number == 1 else f"{number} fixes"


def _tell(result: CheckResult, arguments: argparse.Namespace) -> None:
    """Print the findings in the form that was asked for; notes go to standard error."""
    if not arguments.quiet:
        for note in result.notes:
            sys.stderr.write(f"note: {note}\n")
    sys.stdout.write(_formed(result, arguments))


def _formed(result: CheckResult, arguments: argparse.Namespace) -> str:
    if arguments.format == "json":
        from bot.check.forms.json_form import as_json

        return as_json(result.findings) + "\n"
    if arguments.format == "sarif":
        from importlib.metadata import version

        from bot.check.forms.sarif_form import as_sarif

        paths = {finding.path for finding in result.findings}
        sources = {path: source for path in paths if (source := result.tree.read(path)) is not None}
        root = _root(arguments.path)
        return as_sarif(result.findings, result.rules, version("groundwork"), sources, root=root) + "\n"
    if arguments.format == "github":
        from bot.check.forms.github_form import as_github

        return as_github(result.findings, root=_root(arguments.path))
    from bot.check.forms.text_form import as_text, statistics

    if arguments.statistics:
        return statistics(result.findings)
    if arguments.quiet and not result.findings:
        return ""
    return as_text(result.findings, result.tree.read)


def _root(path: Path) -> str:
    """Return where the checked tree lies in the repository that a workflow checked out; "" outside of workflows."""
    from bot.check.engine import place_of
    from bot.cli.in_actions import in_actions, place_in_repository

    return place_in_repository(place_of(path)[0]) if in_actions() else ""
