"""A proposal as GitHub shows it: pull request, report comment and check run, as values of plain text."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.model.finding import Finding, Severity
from bot.model.health import Outcome
from bot.model.posted import CheckText, Conclusion, Level, Posted, Remark
from bot.model.proposal import Proposal
from bot.report import plain
from bot.report.health_markdown import Context, health_markdown
from bot.report.pull_request import pull_request_markdown, pull_request_title
from bot.report.verdict import words

# How the marker of every report comment begins, whatever run and commit it names.
REPORT_MARKER: Final = "<!-- groundwork:health"
_LEVELS: Final[dict[Severity, Level]] = {
    Severity.ERROR: "failure",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}
_UNDECIDED: Final = frozenset({Outcome.UNVERIFIED, Outcome.NO_ENGINE, Outcome.INTERRUPTED})


def github_texts(proposal: Proposal, *, rules: int = 0) -> Posted:
    """Return what people will read of `proposal`; `rules` is how many were checked, 0 where unknown."""
    health = proposal.health
    context = Context(
        run=str(proposal.issue.number or ""),
        attempts=proposal.attempts,
        findings=proposal.findings,
        cost_usd=proposal.work.cost_usd,
        phases=tuple((one.phase, one.usd) for one in proposal.work.phases),
    )
    said = words(health)
    conclusion: Conclusion = "failure"
    if health.outcome is Outcome.HEALTHY:
        conclusion = "success"
    elif health.outcome in _UNDECIDED:
        conclusion = "neutral"
    # The marker stands on the first line; a summary is found by its commit and needs none.
    summary = health_markdown(health, replace(context, run="")).split("\n", 1)[1]
    return Posted(
        title=pull_request_title(proposal),
        body=pull_request_markdown(proposal, rules=rules),
        marker=REPORT_MARKER,
        report=health_markdown(health, context),
        check=CheckText(
            conclusion=conclusion,
            title=plain.line(f"{said.state}: {said.rest}", limit=200).replace("`", ""),
            summary=summary,
            remarks=tuple(_remark(finding) for finding in proposal.findings if finding.line > 0),
        ),
    )


def _remark(finding: Finding) -> Remark:
    return Remark(
        path=finding.path,
        line=finding.line,
        level=_LEVELS[finding.severity],
        title=f"{finding.code} {finding.rule}" if finding.code != finding.rule else finding.rule,
        message=finding.message,
    )
