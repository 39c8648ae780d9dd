"""Findings as SARIF 2.1.0, as GitHub's code scanning accepts it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from bot.check.rule import Rule
from bot.model.finding import Edit, Finding, Severity
from bot.parse.source import Source

_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(findings: Iterable[Finding], rules: Iterable[Rule], version: str, sources: dict[str, Source]) -> str:
    """Return a SARIF log with one run.

    Args:
        findings: What was found.
        rules: The rules that ran, for the tool's description.
        version: The program's version.
        sources: The files findings point at, where known: fixes are given as positions in them.
    """
    found = tuple(findings)
    described = {rule.name: _rule(rule) for rule in rules}
    for finding in found:
        described.setdefault(
            finding.rule,
            {
                "id": finding.rule,
                "name": finding.rule,
                "shortDescription": {"text": finding.rule},
                "defaultConfiguration": {"level": _LEVELS[finding.severity]},
            },
        )
    indices = {name: index for index, name in enumerate(described)}
    run = {
        "tool": {
            "driver": {
                "name": "Groundwork",
                "semanticVersion": version,
                "version": version,
                "rules": list(described.values()),
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "The root of the repository."}}},
        "results": [_result(finding, indices[finding.rule], sources) for finding in found],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(rule: Rule) -> dict[str, object]:
    page = rule.page()
    return {
        "id": rule.name,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": rule.summary.replace("`", "")},
        "fullDescription": {"text": rule.summary.replace("`", "")},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["infrastructure", *rule.needs], "code": rule.code},
    }


def _result(finding: Finding, index: int, sources: dict[str, Source]) -> dict[str, object]:
    region: dict[str, int] = {"startLine": finding.line, "startColumn": finding.column}
    if finding.end_line:
        region |= {"endLine": finding.end_line, "endColumn": finding.end_column}
    place = {"artifactLocation": _artifact(finding.path), "region": region}
    # The line number is left out, so that an alert keeps its identity while lines above it come and go.
    identity = hashlib.sha256(f"{finding.rule}\0{finding.path}\0{finding.message}".encode()).hexdigest()
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"groundwork/v1": identity},
    }
    fix = finding.fix
    if fix is not None and all(edit.path in sources and not edit.delete for edit in fix.edits):
        changes: dict[str, list[dict[str, object]]] = {}
        for edit in fix.edits:
            changes.setdefault(edit.path, []).append(_replacement(edit, sources[edit.path]))
        result["fixes"] = [
            {
                "description": {"text": fix.description},
                "artifactChanges": [
                    {"artifactLocation": _artifact(path), "replacements": replacements}
                    for path, replacements in changes.items()
                ],
            }
        ]
    return result


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(path), "uriBaseId": "ROOT"}


def _replacement(edit: Edit, source: Source) -> dict[str, object]:
    line, column = source.position(edit.start)
    end_line, end_column = source.position(edit.end)
    region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    return {"deletedRegion": region, "insertedContent": {"text": edit.text}}
