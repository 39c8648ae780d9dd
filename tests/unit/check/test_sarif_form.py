"""SARIF is valid against the published schema, and holds what GitHub's code scanning asks for."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.check.engine import CheckResult, Options, check_tree
from bot.check.forms.sarif_form import as_sarif
from bot.check.registry import RULES
from bot.model.finding import Edit, Finding, Fix, Safety, Severity
from bot.parse.source import Source
from tests.data.check.trees import lay

SCHEMA = (
    Path(__file__).parents[2] / "npm/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
)  # the fifth revision is the one that became the standard
COMPOSE = """services:
  web:
    image: nginx
    privileged: true
    environment: {PASSWORD: "h4rdt0guess-Zq81"}
    healthcheck:
      test: ["CMD", "wget", "http://localhost/"]
      start_period: 5s
"""
WORKFLOW = (
    "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n"
)


@cache
def validator() -> jsonschema.Draft4Validator:
    if not SCHEMA.is_file():
        pytest.skip("the published schema is not installed: run tests/npm/install")
    return jsonschema.Draft4Validator(json.loads(SCHEMA.read_bytes()))


def logged(result: CheckResult) -> dict[str, Any]:
    """Return the log, after it was held against the schema."""
    sources = {f.path: source for f in result.findings if (source := result.tree.read(f.path)) is not None}
    log: dict[str, Any] = json.loads(as_sarif(result.findings, result.rules, "1.2.3", sources))
    validator().validate(log)
    return log


@pytest.fixture
def log(tmp_path: Path) -> dict[str, Any]:
    files = {
        "src/docker-compose.yml": COMPOSE,
        "src/a b/Dockerfile": "FROM x\n",
        "src/broken.Dockerfile": "FRM x\n",
        "DEPLOYMENT_SUMMARY.md": "# Done\n",
        ".github/workflows/ci.yml": WORKFLOW,
    }
    result = check_tree(lay(tmp_path, files), Options(workflows=True))
    assert len({finding.rule for finding in result.findings}) > 8
    return logged(result)


def test_every_rule_is_described(log: dict[str, Any]) -> None:
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "Groundwork"
    assert {rule.name for rule in RULES} <= {rule["id"] for rule in rules}
    for rule in rules:
        assert rule["help"]["text"]
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert len(rule["name"]) <= 255
        assert rule["defaultConfiguration"]["level"] in {"error", "warning", "note"}
        assert rule["properties"]["problem.severity"] in {"error", "warning", "recommendation"}
        assert len(rule["properties"].get("tags", ())) <= 10


def test_every_result_has_a_rule_a_place_in_the_repository_and_fingerprints(log: dict[str, Any]) -> None:
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert any(told["ruleId"].startswith("zizmor-") for told in run["results"])
    for told in run["results"]:
        assert rules[told["ruleIndex"]]["id"] == told["ruleId"]
        assert told["message"]["text"]
        assert told["level"] in {"error", "warning", "note"}
        (place,) = told["locations"]
        uri = place["physicalLocation"]["artifactLocation"]["uri"]
        assert not uri.startswith(("/", "./", "../"))
        assert " " not in uri
        assert ":" not in uri
        assert place["physicalLocation"]["region"]["startLine"] >= 1
        assert told["partialFingerprints"]["groundwork/v1"]
    assert {told["partialFingerprints"].get("primaryLocationLineHash", "x:")[0] for told in run["results"]} != {"x"}
    identities = [told["partialFingerprints"]["groundwork/v1"] for told in run["results"]]
    assert len(set(identities)) == len(identities)


def test_an_alert_keeps_its_fingerprints_when_lines_are_added_above(tmp_path: Path) -> None:
    def fingerprints(text: str) -> set[tuple[str, str]]:
        root = lay(tmp_path, {"src/docker-compose.yml": text})
        (run,) = logged(check_tree(root, Options(select=("HC03",))))["runs"]
        return {tuple(sorted(told["partialFingerprints"].values())) for told in run["results"]}

    before = fingerprints(COMPOSE)
    assert len(before) == 1
    assert fingerprints("# one\n# two\n\n" + COMPOSE) == before


def test_a_fix_says_what_to_replace(tmp_path: Path) -> None:
    root = lay(tmp_path, {"src/docker-compose.yml": COMPOSE})
    (run,) = logged(check_tree(root, Options(select=("HC03",))))["runs"]
    (change,) = run["results"][0]["fixes"][0]["artifactChanges"]
    assert change == {
        "artifactLocation": {"uri": "src/docker-compose.yml", "uriBaseId": "ROOT"},
        "replacements": [
            {
                "deletedRegion": {"startLine": 7, "startColumn": 37, "endLine": 7, "endColumn": 46},
                "insertedContent": {"text": "127.0.0.1"},
            }
        ],
    }


def test_nothing_found_is_a_valid_log_that_closes_alerts(tmp_path: Path) -> None:
    (run,) = logged(check_tree(lay(tmp_path, {"README": "x"})))["runs"]
    assert run["results"] == []


def test_more_results_than_code_scanning_takes_are_cut_and_the_gravest_kept() -> None:
    """It rejects a file of more than 25,000 results, or of more than 10 MB when compressed."""
    fix = Fix(safety=Safety.SAFE, description="d", edits=(Edit(path="a", start=0, end=1, text="z"),))
    findings = [
        Finding(rule="r", code="R1", severity=severity, path="a", line=number % 500 + 1, message=f"m {number}", fix=fix)
        for severity in (Severity.INFO, Severity.ERROR)
        for number in range(20_000)
    ]
    text = as_sarif(findings, (), "1", {"a": Source("a", "x\n" * 500)})
    results = json.loads(text)["runs"][0]["results"]
    assert len(results) == 25_000
    assert sum(told["level"] == "error" for told in results) == 20_000
    assert len(gzip.compress(text.encode(), 1)) < 10_000_000


def test_positions_that_are_not_known_are_left_out() -> None:
    finding = Finding(rule="r", code="R1", severity=Severity.ERROR, path="a", line=1, end_line=1, message="m")
    log = json.loads(as_sarif((finding,), (), "1", {}))
    validator().validate(log)
    assert log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 1,
        "startColumn": 1,
    }
