"""Findings as GitHub workflow commands: annotations on the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import join

from bot.model.finding import Finding, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def as_github(findings: Iterable[Finding], *, root: str = "") -> str:
    """Return one `::error file=...::message` a line; what GitHub would read as syntax is encoded.

    `root` is the checked tree relative to the repository, where the two differ.
    """
    return "".join(f"{_line(finding, root)}\n" for finding in findings)


def _line(finding: Finding, root: str) -> str:
    title = finding.rule if finding.code == finding.rule else f"{finding.code} {finding.rule}"
    properties = {
        "file": join(root, finding.path),
        "line": str(finding.line),
        "endLine": str(finding.end_line or finding.line),
        "title": title,
    }
    if finding.end_line in {0, finding.line}:  # GitHub takes columns only within one line
        properties["col"] = str(finding.column)
        properties["endColumn"] = str(finding.end_column or finding.column)
    told = ",".join(f"{name}={_encoded(value, property_=True)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {told}::{_encoded(finding.message)}"


def _encoded(text: str, *, property_: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if property_ else text
