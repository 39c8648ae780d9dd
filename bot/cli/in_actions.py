"""What a command does besides in GitHub Actions: annotations and the step's summary, and no ear for anybody else's."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from bot.model.artifact import RunNote
    from bot.model.health import HealthReport


def in_actions() -> bool:
    """Whether this is a step of a workflow."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


@contextmanager
def commands_off(stream: IO[str]) -> Iterator[None]:
    """Let GitHub's runner obey no line that is printed meanwhile: what a container wrote may look like a command.

    The runner is told on `stream`; give it one pipe for both streams, so that it reads all in the order of writing.
    """
    if not in_actions():
        yield
        return
    word = secrets.token_hex(16)
    stream.write(f"::stop-commands::{word}\n")
    stream.flush()
    try:
        yield
    finally:
        sys.stderr.flush()
        stream.write(f"::{word}::\n")
        stream.flush()


def tell_actions(report: HealthReport, path: Path) -> None:
    """Put annotations where a person would edit, and the report in the summary of the step."""
    if not in_actions():
        return
    from bot.report.annotations import health_annotations
    from bot.report.step_summary import step_summary

    sys.stdout.write(health_annotations(report, root=place_in_repository(path)))
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(step_summary(report) + "\n")


def place_in_repository(path: Path) -> str:
    """Return where `path` lies in the repository that is checked out, "" for its root or outside of it."""
    workspace = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    inside = path.resolve()
    root = inside.relative_to(workspace).as_posix() if inside.is_relative_to(workspace) else ""
    return "" if root == "." else root


def run_note(report: HealthReport, environment: Mapping[str, str]) -> RunNote:
    """Return whose report this is; in a workflow, with the numbers that GitHub knows its run by."""
    from importlib.metadata import version

    from bot.model.artifact import RunNote

    def number(name: str) -> int:
        text = environment.get(name, "")
        return int(text) if text.isascii() and text.isdigit() else 0

    return RunNote(
        outcome=report.outcome.value,
        commit=report.commit,
        repository=environment.get("GITHUB_REPOSITORY", ""),
        run_id=number("GITHUB_RUN_ID"),
        run_attempt=number("GITHUB_RUN_ATTEMPT"),
        groundwork=version("groundwork"),
    )
