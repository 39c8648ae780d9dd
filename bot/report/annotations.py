"""GitHub workflow commands that put findings and the root cause beside the lines they concern."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Final

from bot.model.finding import Finding, Severity
from bot.model.health import HealthReport, Outcome
from bot.report import plain
from bot.report.verdict import words

_COMMAND: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_MOST: Final = 50  # GitHub shows ten of each kind for a step and drops the rest; no need to send thousands


def finding_annotations(findings: Sequence[Finding], *, root: str = "") -> str:
    """Return one command for each finding, the worst first; "" for none, otherwise ending with a line break.

    `root` is the checked tree relative to the repository, where the two differ.
    """
    order = list(_COMMAND)
    worst = sorted(findings, key=lambda found: order.index(found.severity))
    return "".join(_finding(found, root) for found in worst[:_MOST])


def health_annotations(report: HealthReport, *, root: str = "") -> str:
    """Return the verdict and its cause as commands; "" for a healthy report without suggestions to show."""
    if report.outcome is Outcome.HEALTHY:
        return ""
    said = words(report)
    level = "warning" if said.state == "Unverified" else "error"
    message = " ".join(part for part in (said.rest + ".", said.paragraph, _next(said.next_step)) if part)
    place = report.cause.place if report.cause else None
    verdict = command(
        level,
        message,
        title=f"{said.state}: {report.root_cause}" if report.root_cause else said.state,
        path=posixpath.join(root, place.path) if place else "",
        line=place.line if place else 0,
    )
    return verdict + finding_annotations(report.findings, root=root)


def command(level: str, message: str, *, title: str, path: str = "", line: int = 0, column: int = 0) -> str:
    """Return one workflow command on a line of its own; nothing in the texts can end it or begin another."""
    fields = [
        ("file", plain.line(path)),
        ("line", str(line or "")),
        ("col", str(column or "")),
        ("title", _words(title)),
    ]
    listed = ",".join(f"{name}={_property(value)}" for name, value in fields if value)
    return f"::{level} {listed}::{_data(_words(message))}\n"


def _finding(found: Finding, root: str) -> str:
    fix = f" Fix: {found.fix.description}." if found.fix else ""
    return command(
        _COMMAND[found.severity],
        f"{found.message}{fix}",
        title=f"{found.code} {found.rule}" if found.code != found.rule else found.rule,
        path=posixpath.join(root, found.path),
        line=found.line,
        column=found.column,
    )


def _next(step: str) -> str:
    return f"Next step: {step}." if step else ""


def _words(prose: str) -> str:
    return plain.line(prose, limit=1500).replace("`", "")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
