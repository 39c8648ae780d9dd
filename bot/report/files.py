"""All texts of a run as files: names and contents."""

from __future__ import annotations

from bot.model.codec import to_json
from bot.model.proposal import Proposal
from bot.report.health_html import health_html
from bot.report.health_markdown import Context, health_markdown
from bot.report.pull_request import pull_request_markdown


def report_files(proposal: Proposal, *, rules: int = 0) -> dict[str, str]:
    """Return file name -> content: the pull request's text and the health report in its three forms."""
    context = Context(
        attempts=proposal.attempts,
        findings=proposal.findings,
        cost_usd=proposal.work.cost_usd,
        phases=tuple((one.phase, one.usd) for one in proposal.work.phases),
        full_report="health-report.html",
    )
    return {
        "pull-request.md": pull_request_markdown(proposal, rules=rules),
        "health-report.md": health_markdown(proposal.health, context),
        "health-report.html": health_html(proposal.health, proposal),
        "health-report.json": to_json(proposal.health, indent=2).decode() + "\n",
    }
