"""Findings as JSON: a contract, scripts depend on it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from bot.model.finding import Finding


def as_json(findings: Iterable[Finding]) -> str:
    """Return `{"version": 1, "findings": [...]}`; `fix` is null or has `safety` and `description`."""
    return json.dumps({"version": 1, "findings": [_finding(finding) for finding in findings]}, indent=2)


def _finding(finding: Finding) -> dict[str, object]:
    fix = finding.fix
    return {
        "rule": finding.rule,
        "code": finding.code,
        "severity": finding.severity.value,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line or finding.line,
        "end_column": finding.end_column or finding.column,
        "message": finding.message,
        "fix": {"safety": fix.safety.value, "description": fix.description} if fix else None,
    }
