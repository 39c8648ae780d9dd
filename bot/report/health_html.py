"""The report as one self-contained page: no script, nothing fetched, light and dark, for phone and desk."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bot.model.health import HealthReport, ServiceHealth, Verdict
from bot.model.proposal import Proposal
from bot.report import criteria, figures, logs, plain
from bot.report.decisions import decisions
from bot.report.details import stand_in_words
from bot.report.graph_layout import Layout, layout
from bot.report.service_table import rows, worth_showing
from bot.report.stack_text import address, run_commands
from bot.report.timeline import timeline
from bot.report.verdict import hastened, how_often, unsaid, words

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_SPAN: Final = re.compile(r"`([^`]+)`")
_MOST_IN_GRAPH: Final = 60
_LOG_LINES: Final = 80
_LINE_LENGTH: Final = 600
_MOST_LOGS: Final = 40
_STATE: Final = {
    Verdict.HEALTHY: "fine",
    Verdict.DONE: "fine",
    Verdict.UNHEALTHY: "broken",
    Verdict.BLOCKED: "blocked",
    Verdict.UNVERIFIED: "unknown",
}
TONES: Final = {"✅": "fine", "❌": "broken", "⛔": "broken", "⚠️": "unknown"}


def health_html(report: HealthReport, proposal: Proposal | None = None) -> str:
    """Return the page; with `proposal` it carries what the pull request says, too."""
    environment = page_environment()
    style = environment.get_template("report.css").render()
    said = words(report)
    return environment.get_template("report.html.j2").render(
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        report=report,
        said=said,
        tone=TONES[said.symbol],
        seen=how_often(report),
        rows=rows(report),
        columns=worth_showing(report),
        state=_STATE,
        timeline=timeline(report),
        hastened=hastened(report),
        graph=_graph(report),
        logged=_logged(report),
        unverified=[*unsaid(report), *stand_in_words(report.stand_ins)],
        folded=_has_details(report, proposal),
        proposal=proposal,
        asked=criteria.answers(proposal) if proposal else (),
        standing=criteria.SYMBOLS,
        decisions=decisions(proposal) if proposal else (),
        confirm=_confirm(proposal),
        commands=_commands(proposal),
        address=address(proposal.stack) if proposal and proposal.stack else "",
    )


@cache
def page_environment() -> Environment:
    """Return what the pages are rendered with: strict, and everything is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup, escape

    def prose(sentence: str) -> Markup:
        """A prose string as HTML: backticks become code, all else is literal."""
        parts = _SPAN.split(plain.line(sentence, limit=2000))
        drawn = (Markup("<code>{}</code>").format(part) if n % 2 else escape(part) for n, part in enumerate(parts))
        return Markup("").join(drawn)

    environment = Environment(
        loader=PackageLoader("bot.report"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        prose=prose,
        line=plain.line,
        sentence=plain.sentence,
        log=_log,
        moment=figures.moment,
        span=figures.span,
        latency=figures.latency,
        count=figures.count,
        megabytes=figures.megabytes,
        percent=lambda number: f"{number:.3f}%",
        place=lambda place: f"{place.path}:{place.line}" if place.line else place.path,
    )
    return environment


def _log(lines: tuple[str, ...]) -> str:
    return "\n".join(logs.last(lines, _LOG_LINES, length=_LINE_LENGTH))


def _logged(report: HealthReport) -> list[ServiceHealth]:
    """The services whose logs are shown: the root cause first, then what is not fine, then the others."""
    told = [service for service in report.services if service.log]
    told.sort(key=lambda one: (one.name != report.root_cause, _STATE[one.verdict] == "fine"))
    return told[:_MOST_LOGS]


def _graph(report: HealthReport) -> dict[str, Any] | None:
    """The services as boxes; None for fewer than two or too many to see anything."""
    services = report.services
    if not 2 <= len(services) <= _MOST_IN_GRAPH:
        return None
    labels = {service.name: plain.line(service.name, limit=28) for service in services}
    drawn = {row.name: row for row in rows(report)}
    below = {name: _below(plain.line(row.words, limit=30).replace("`", ""), row.after) for name, row in drawn.items()}
    widths = {name: max(96.0, 8.0 * len(label) + 28, 6.4 * len(below[name]) + 28) for name, label in labels.items()}
    found: Layout = layout({service.name: service.needs for service in services}, widths)
    return {"layout": found, "labels": labels, "below": below, "rows": drawn}


def _has_details(report: HealthReport, proposal: Proposal | None) -> bool:
    """Whether there is anything to fold: without it the heading would stand alone."""
    of_run = proposal is not None and (len(proposal.attempts) > 1 or proposal.base.notes or proposal.brief.notes)
    return bool(of_run or report.builds or any(one.log or one.check for one in report.services))


def _below(verdict: str, after: str) -> str:
    return f"{verdict}, {after}" if after[:1].isdigit() else verdict


def _commands(proposal: Proposal | None) -> list[str]:
    if proposal is None or proposal.stack is None or not proposal.stack.services:
        return []
    return run_commands(proposal.stack, proposal.change.files).split(" && ")


def _confirm(proposal: Proposal | None) -> list[str]:
    if proposal is None:
        return []
    points = [*proposal.work.confirm, *(point.question for point in proposal.brief.open)]
    return list(dict.fromkeys(point.strip() for point in points if point.strip()))
