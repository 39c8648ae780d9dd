"""Findings as SARIF 2.1.0, as GitHub's code scanning accepts it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from posixpath import join
from typing import Final
from urllib.parse import quote

from bot.check.forms.line_hash import LineHashes
from bot.check.rule import Rule
from bot.model.finding import Edit, Finding, Severity
from bot.parse.source import Source

_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_PROBLEMS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
# Code scanning rejects a whole file for one result more.
_MOST_RESULTS: Final = 25_000


def as_sarif(
    findings: Iterable[Finding], rules: Iterable[Rule], version: str, sources: dict[str, Source], *, root: str = ""
) -> str:
    """Return a SARIF log with one run.

    Args:
        findings: What was found.
        rules: The rules that ran, for the tool's description.
        version: The program's version.
        sources: The files findings point at, where known: fixes are given as positions in them.
        root: The checked tree relative to the repository, where the two differ.
    """
    found = _most_severe(tuple(findings))
    described = {rule.name: _rule(rule) for rule in rules}
    for finding in found:
        described.setdefault(finding.rule, _foreign(finding))
    indices = {name: index for index, name in enumerate(described)}
    hashes = {path: LineHashes.of(sources.get(path)) for path in {finding.path for finding in found}}
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
        "results": [_result(finding, indices[finding.rule], sources, hashes[finding.path], root) for finding in found],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _most_severe(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    if len(findings) <= _MOST_RESULTS:
        return findings
    order = list(Severity)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.severity))[:_MOST_RESULTS])


def _foreign(finding: Finding) -> dict[str, object]:
    """Describe a rule that is not ours, of which only its findings are known."""
    return {
        "id": finding.rule,
        "name": finding.rule,
        "shortDescription": {"text": finding.rule},
        "fullDescription": {"text": finding.message},
        "help": {"text": finding.message},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": {"problem.severity": _PROBLEMS[finding.severity]},
    }


def _rule(rule: Rule) -> dict[str, object]:
    page = rule.page()
    return {
        "id": rule.name,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": rule.summary.replace("`", "")},
        "fullDescription": {"text": rule.summary.replace("`", "")},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": ["infrastructure", *rule.needs],
            "code": rule.code,
            "precision": "high",
            "problem.severity": _PROBLEMS[rule.severity],
        },
    }


def _result(
    finding: Finding, index: int, sources: dict[str, Source], hashes: LineHashes | None, root: str
) -> dict[str, object]:
    region: dict[str, int] = {"startLine": finding.line, "startColumn": finding.column}
    if finding.end_line and finding.end_column:
        region |= {"endLine": finding.end_line, "endColumn": finding.end_column}
    place = {"artifactLocation": _artifact(finding.path, root), "region": region}
    # The line number is left out, so that an alert keeps its identity while lines above it come and go.
    identity = hashlib.sha256(f"{finding.rule}\0{finding.path}\0{finding.message}".encode()).hexdigest()
    fingerprints = {"groundwork/v1": identity}
    if hashes is not None and (told := hashes.line(finding.line)):
        fingerprints["primaryLocationLineHash"] = told
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": fingerprints,
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
                    {"artifactLocation": _artifact(path, root), "replacements": replacements}
                    for path, replacements in changes.items()
                ],
            }
        ]
    return result


def _artifact(path: str, root: str) -> dict[str, str]:
    return {"uri": quote(join(root, path)), "uriBaseId": "ROOT"}


def _replacement(edit: Edit, source: Source) -> dict[str, object]:
    line, column = source.position(edit.start)
    end_line, end_column = source.position(edit.end)
    region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    return {"deletedRegion": region, "insertedContent": {"text": edit.text}}
