"""The report for `GITHUB_STEP_SUMMARY`: the comment without its marker, within the summary's own, larger limit."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.model.health import HealthReport
from bot.report.health_markdown import Context, health_markdown

# A step's summary may hold 1 MiB of UTF-8; a character may take four bytes.
SUMMARY_LIMIT: Final = 1024 * 1024 // 4 - 1024


def step_summary(report: HealthReport, context: Context | None = None) -> str:
    """Return the Markdown of a step's summary; a marker would make a later run take it for its own comment."""
    drawn = health_markdown(report, replace(context or Context(), run=""), limit=SUMMARY_LIMIT)
    return drawn.split("\n", 1)[1]
