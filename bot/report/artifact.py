"""A verification as the folder that a workflow uploads: always the same names, whatever happened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.model.artifact import LOGS, NOTE, REPORT, RunNote
from bot.model.codec import to_json
from bot.model.health import HealthReport
from bot.report import logs
from bot.report.health_html import health_html
from bot.report.health_markdown import Context, health_markdown

_ODD: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_LINES: Final = 5_000


def artifact_files(report: HealthReport, note: RunNote) -> dict[str, str]:
    """Return path -> content: the report in its three forms, whose it is, and a log for each service and build."""
    return {
        REPORT: to_json(report, indent=2).decode() + "\n",
        "report.md": health_markdown(report, Context(full_report="report.html")),
        "report.html": health_html(report),
        NOTE: to_json(note, indent=2).decode() + "\n",
        **{f"{LOGS}/{name}.log": text for name, text in _logs(report) if text},
    }


def _logs(report: HealthReport) -> Iterator[tuple[str, str]]:
    for service in report.services:
        yield _name(service.name), _text(service.log)
    for build in report.builds:
        yield f"build/{_name(build.service)}", _text(build.lines)


def _text(lines: tuple[str, ...]) -> str:
    shown = logs.last(lines, _LINES, length=2_000)
    return "\n".join(shown) + "\n" if shown else ""


def _name(service: str) -> str:
    """Return the service's name as a file's: no path, nothing that a system would not take in a name."""
    return _ODD.sub("-", service).strip(".-")[:100] or "service"
