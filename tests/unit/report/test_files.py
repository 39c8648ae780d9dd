"""The texts of a run, as files."""

from __future__ import annotations

from bot.model.codec import from_json
from bot.model.health import HealthReport
from bot.report.files import report_files
from bot.report.step_summary import step_summary
from tests.unit.report import proposals, reports


def test_a_run_leaves_four_texts_and_the_json_is_the_report() -> None:
    files = report_files(proposals.SHOP, rules=51)
    assert sorted(files) == ["health-report.html", "health-report.json", "health-report.md", "pull-request.md"]
    assert from_json(HealthReport, files["health-report.json"]) == reports.HEALTHY
    assert "[full report](health-report.html)" in files["health-report.md"]
    assert "51 rules, 0 findings" in files["pull-request.md"]


def test_a_step_summary_has_no_marker() -> None:
    assert step_summary(reports.HEALTHY).startswith("### ✅ Healthy: ")
    assert "<!--" not in step_summary(reports.UNHEALTHY)
