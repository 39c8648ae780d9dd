"""Findings as GitHub workflow commands: annotations on the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from bot.model.finding import Finding, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def as_github(findings: Iterable[Finding]) -> str:
    """Return one `::error file=...::message` a line; what GitHub would read as syntax is encoded."""
    return "".join(f"{_line(finding)}\n" for finding in findings)


def _line(finding: Finding) -> str:
    title = finding.rule if finding.code == finding.rule else f"{finding.code} {finding.rule}"
    properties = {
        "file": finding.path,
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
