"""`groundwork rules`: a rule's page, or the table of all."""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="a rule's name or code, such as HC03")


def run(arguments: argparse.Namespace) -> int:
    """Print the page or the table."""
    from bot.check.catalogue import table
    from bot.check.registry import RULES
    from bot.check.selection import matches_rule, named

    if arguments.name is None:
        sys.stdout.write(table(RULES))
        return 0
    wanted = named(RULES, (arguments.name,))
    exact = [rule for rule in RULES if rule.name in wanted and matches_rule(arguments.name, rule)]
    sys.stdout.write("\n".join(rule.page() for rule in exact))
    return 0
