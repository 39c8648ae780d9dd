"""`groundwork verify`: builds, starts, watches, probes, judges, takes down."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from bot.model.health import HealthReport

# Outcome -> exit status, the contract. An interrupted run ends as interrupted programs do.
STATUS: Final[dict[str, int]] = {
    "healthy": 0,
    "unhealthy": 1,
    "unverified": 1,
    "build-failed": 3,
    "invalid": 4,
    "refused": 4,
    "timeout": 5,
    "no-engine": 6,
    "interrupted": 130,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("path", type=Path, nargs="?", default=Path(), metavar="PATH", help="repository, or its src")
    parser.add_argument("--json", type=Path, metavar="F", help="write the report as JSON; - for standard output")
    parser.add_argument("--markdown", type=Path, metavar="F", help="write the report as Markdown, for a comment")
    parser.add_argument("--html", type=Path, metavar="F", help="write the report as one self-contained page")
    parser.add_argument("--junit", type=Path, metavar="F", help="write the report as JUnit XML")
    parser.add_argument("--artifact", type=Path, metavar="DIR", help="write what a workflow uploads: forms and logs")
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="reuse and keep built layers there, for machines that come and go"
    )
    parser.add_argument("--timeout", type=_seconds, default=600.0, metavar="S", help="seconds in all (default: 600)")
    parser.add_argument(
        "--window", type=_seconds, default=15.0, metavar="S", help="seconds it must stay up (default: 15)"
    )
    parser.add_argument("--replay", type=Path, metavar="F", help="judge a recorded report again; starts nothing")
    parser.add_argument("--quiet", "-q", action="store_true", help="print the verdict only")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError("between 0 and 86400 seconds")
    return seconds


def run(arguments: argparse.Namespace) -> int:
    """Verify, write the forms that were asked for, and return the exit status of the outcome."""
    from bot.cli.in_actions import commands_off, tell_actions

    to = sys.stderr if arguments.json == Path("-") else sys.stdout
    with commands_off(to):
        report = _replayed(arguments.replay) if arguments.replay else _verified(arguments)
        _write(report, arguments)
        from bot.report.terminal import health_summary

        to.write(health_summary(report) + "\n")
    tell_actions(report, arguments.path)
    return STATUS[report.outcome]


def _replayed(path: Path) -> HealthReport:
    from bot.errors import UsageError
    from bot.model.codec import from_json
    from bot.model.health import HealthReport
    from bot.verify.judge import replay

    try:
        return replay(from_json(HealthReport, path.read_bytes()))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", hint="name a file that --json wrote") from error


def _verified(arguments: argparse.Namespace) -> HealthReport:
    from bot.check.escape import escape_findings
    from bot.cli.progress import Happenings, Progress
    from bot.errors import UsageError
    from bot.verify.run import verify_tree

    if arguments.cache and arguments.cache.exists() and not arguments.cache.is_dir():
        raise UsageError(f"{arguments.cache} is no folder.", hint="name a folder for --cache; it may be a new one")

    progress = Progress(quiet=arguments.quiet)
    with _until_signalled() as cancel, progress.step("verifying"):
        return verify_tree(
            arguments.path,
            gate=escape_findings,
            timeout=arguments.timeout,
            window=arguments.window,
            progress=Happenings(progress),
            cancel=cancel,
            cache=arguments.cache,
        )


@contextmanager
def _until_signalled() -> Iterator[threading.Event]:
    """Turn SIGINT, SIGTERM and SIGHUP into a wish to end: the stack is taken down, then the command ends."""
    cancel = threading.Event()

    def ask(_number: int, _frame: Any) -> None:
        cancel.set()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield cancel
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _write(report: HealthReport, arguments: argparse.Namespace) -> None:
    """Write each form; only what is asked for is imported."""
    if arguments.json:
        from bot.model.codec import to_json

        _put(arguments.json, to_json(report, indent=2).decode() + "\n")
    if arguments.markdown:
        from bot.report.health_markdown import health_markdown

        _put(arguments.markdown, health_markdown(report))
    if arguments.html:
        from bot.report.health_html import health_html

        _put(arguments.html, health_html(report))
    if arguments.junit:
        from bot.report.junit import junit_xml

        _put(arguments.junit, junit_xml(report))
    if arguments.artifact:
        from bot.cli.in_actions import run_note
        from bot.report.artifact import artifact_files

        for name, text in artifact_files(report, run_note(report, os.environ)).items():
            _put(arguments.artifact / name, text)


def _put(path: Path, text: str) -> None:
    from bot.errors import UsageError

    if path == Path("-"):
        sys.stdout.write(text)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.", hint="name a file in a folder of yours") from (
            error
        )
