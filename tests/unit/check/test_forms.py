"""What is printed: text with its excerpt, the JSON contract, SARIF, GitHub annotations, statistics."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.check.engine import CheckResult, Options, check_tree
from bot.check.forms.github_form import as_github
from bot.check.forms.json_form import as_json
from bot.check.forms.text_form import as_text, statistics
from bot.model.finding import Finding, Severity
from tests.data.check.trees import lay

_COMPOSE = """services:
  web:
    image: nginx:1.27
    healthcheck:
      test: ["CMD", "wget", "http://localhost/"]
      start_period: 5s
"""


@pytest.fixture
def result(tmp_path: Path) -> CheckResult:
    return check_tree(lay(tmp_path, {"src/docker-compose.yml": _COMPOSE}), Options(select=("HC03",)))


def test_text_shows_the_lines_and_points_at_the_word(result: CheckResult) -> None:
    assert as_text(result.findings, result.tree.read) == (
        "error HC03 healthcheck-localhost [*]: `web` is probed at `localhost`, which may be the IPv6 address ::1; a server "
        "that listens on IPv4 only then looks dead although it works.\n"
        "  --> src/docker-compose.yml:5:37\n"
        "  |\n"
        "3 |     image: nginx:1.27\n"
        "4 |     healthcheck:\n"
        '5 |       test: ["CMD", "wget", "http://localhost/"]\n'
        "  |                                     ^^^^^^^^^\n"
        "6 |       start_period: 5s\n"
        "  |\n"
        "   = fix: ask 127.0.0.1 instead of localhost\n"
        "\n"
        "Found 1 error.\n"
        "[*] 1 can be mended with --fix.\n"
    )


def test_text_says_so_when_all_is_well(result: CheckResult) -> None:
    assert as_text((), result.tree.read) == "All rules pass.\n"


def test_text_shows_no_control_characters_of_a_file() -> None:
    finding = Finding(rule="r", code="R01", severity=Severity.ERROR, path="a\x1b[31m", line=1, message="x\x1b[2J")
    assert "\x1b" not in as_text((finding,), lambda _: None)


def test_json_is_the_contract(result: CheckResult) -> None:
    told = json.loads(as_json(result.findings))
    assert told["version"] == 1
    (finding,) = told["findings"]
    assert {key: finding[key] for key in ("rule", "code", "severity", "path", "line", "column")} == {
        "rule": "healthcheck-localhost",
        "code": "HC03",
        "severity": "error",
        "path": "src/docker-compose.yml",
        "line": 5,
        "column": 37,
    }
    assert finding["fix"] == {"safety": "safe", "description": "ask 127.0.0.1 instead of localhost"}
    assert finding["message"]


def test_json_has_null_where_there_is_no_fix(tmp_path: Path) -> None:
    root = lay(tmp_path, {"src/docker-compose.yml": "services: {a: {image: x:1, privileged: true}}\n"})
    (finding,) = json.loads(as_json(check_tree(root, Options(select=("escape-privileged",))).findings))["findings"]
    assert finding["fix"] is None


def test_github_annotations_cannot_be_forged_by_a_file() -> None:
    finding = Finding(
        rule="some-rule", code="R01", severity=Severity.WARNING, path="a,b:c.yml", line=3, message="50%\n::error::no"
    )
    assert as_github((finding,)) == (
        "::warning file=a%2Cb%3Ac.yml,line=3,endLine=3,title=R01 some-rule,col=1,endColumn=1::50%25%0A::error::no\n"
    )


def test_statistics_count_by_rule(result: CheckResult) -> None:
    assert statistics(result.findings * 2) == "2  HC03 healthcheck-localhost\n"
