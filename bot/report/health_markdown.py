"""The health report as GitHub Markdown: verdict, cause, one table, one line of facts, the rest folded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.model.finding import Finding
from bot.model.health import HealthReport, Outcome, Verdict
from bot.model.proposal import Attempt
from bot.report import details, figures, logs, plain
from bot.report.fitting import GITHUB_LIMIT, Part, fit
from bot.report.markdown import code, opening, place, prose, table
from bot.report.service_table import Row, rows, worth_showing
from bot.report.verdict import how_often, words

_ROWS: Final = (200, 60, 20, 8, 4)  # how many rows the table keeps, step by step, when the text is too long


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known of the run around a report; all of it optional.

    Attributes:
        run: The run's number or name, for the hidden marker.
        attempts: All rounds so far, this one last.
        coming: What happens next without anybody's doing, one sentence ("Attempt 2 of 3 is doing that now.").
        findings: What the rules found on the same commit; None where they did not run.
        cost_usd: What the model cost so far; 0 for none.
        phases: The same by phase of the model's work: its name, and US dollars.
        budget_usd: What it may cost; 0 for no limit.
        full_report: URL or relative path of the full report.
    """

    run: str = ""
    attempts: tuple[Attempt, ...] = ()
    coming: str = ""
    findings: tuple[Finding, ...] | None = None
    cost_usd: float = 0.0
    phases: tuple[tuple[str, float], ...] = ()
    budget_usd: float = 0.0
    full_report: str = ""


def health_markdown(report: HealthReport, context: Context | None = None, *, limit: int = GITHUB_LIMIT) -> str:
    """Return `report` as Markdown for a comment, at most `limit` characters long; ends with a line break."""
    known = context or Context()
    parts = [
        Part(forms=(_head(report, known),)),
        Part(forms=(_cause(report, known), ""), name="the cause in full", rank=1),
        Part(forms=_findings(report.findings), name="findings", rank=2),
        Part(forms=_tables(report), name="services in the table", rank=2),
        Part(forms=(_facts(report, known),), rank=0),
        *(
            Part(forms=(*section.forms, ""), name=section.name, rank=3 + number, gap="\n")
            for number, section in enumerate(details.sections(report, known.attempts))
        ),
    ]
    first = next((n for n, part in enumerate(parts) if part.gap == "\n"), None)
    if first is not None:  # the first folded part stands apart from the line of facts
        parts[first] = Part(forms=parts[first].forms, name=parts[first].name, rank=parts[first].rank)
    return fit(parts, limit=limit, note=lambda names: _left_out(names, known))


def marker(report: HealthReport, run: str = "") -> str:
    """Return the hidden line by which a later run finds this comment again."""
    head = re.sub(r"[^0-9a-f]", "", report.commit.lower())[:7]
    number = re.sub(r"[^\w.-]", "", run, flags=re.ASCII)[:40]
    fields = [f"run={number}" if number else "", f"head={head}" if head else ""]
    return " ".join(part for part in ["<!-- groundwork:health", *fields, "-->"] if part)


def _head(report: HealthReport, known: Context) -> str:
    return f"{marker(report, known.run)}\n### {prose(words(report).headline, limit=600)}"


def _cause(report: HealthReport, known: Context) -> str:
    said = words(report)
    cause = report.cause
    lines = [opening(prose(said.paragraph))] if said.paragraph else []
    seen = ""
    if cause and cause.evidence:
        seen = f"Seen{how_often(report)}: {code(logs.output(cause.evidence[0], limit=300))}"
    if cause and cause.place:
        where = place(cause.place.path, cause.place.line)
        seen = f"{seen} ({where})" if seen else f"Where: {where}"
    step = f"Next step: {prose(said.next_step)}." if said.next_step else ""
    coming = f"*{prose(known.coming)}*" if known.coming else ""
    second = " ".join(part for part in (f"{seen}." if seen else "", step, coming) if part)
    left = ""
    if report.left_behind:
        names = figures.listed([code(name, limit=80) for name in report.left_behind], 6)
        left = f"**Left behind:** {names}; the teardown could not remove them."
    return "\n\n".join(part for part in ("\n".join([*lines, *([second] if second else [])]), left) if part)


def _findings(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The findings that made it refused: all, then fewer."""
    if not findings:
        return ("",)
    return tuple(_finding_table(findings, most) for most in (50, 20, 6, 3))


def _finding_table(findings: Sequence[Finding], most: int) -> str:
    drawn = [
        (code(found.rule, limit=60), place(found.path, found.line), prose(found.message, limit=300))
        for found in findings[:most]
    ]
    if len(findings) > most:
        drawn.append(("", "", f"and {len(findings) - most} more"))
    return table(("rule", "where", "what it would allow"), ("---", "---", "---"), drawn)


def _tables(report: HealthReport) -> tuple[str, ...]:
    if not report.services:
        return ("",)
    drawn = rows(report)
    steps = [most for most in _ROWS if most < len(drawn)]
    return tuple(_table(report, drawn, most) for most in (min(len(drawn), 200), *steps))


def _table(report: HealthReport, drawn: Sequence[Row], most: int) -> str:
    columns = worth_showing(report)
    titles = {
        "after": ("healthy after", "--:"),
        "check": ("check", "--:"),
        "memory": ("memory (limit)", "--:"),
        "restarts": ("restarts", "--:"),
        "answers": ("answers", "---"),
        "note": ("", "---"),
    }
    merged = "answers" in columns and "note" in columns  # one column of words is enough
    shown = [column for column in columns if not (merged and column == "note")]
    chosen = _chosen(drawn, most, report.root_cause)
    body = [_cells(row, shown, merged=merged, strong=row.name == report.root_cause) for row in chosen]
    if len(chosen) < len(drawn):
        body.append([_others(drawn, chosen), *[""] * (len(shown) + 1)])
    return table(
        ("service", "verdict", *(titles[column][0] for column in shown)),
        ("---", "---", *(titles[column][1] for column in shown)),
        body,
    )


def _chosen(drawn: Sequence[Row], most: int, root: str) -> Sequence[Row]:
    """The rows that stay when there is room for `most`: the broken ones first, in file order."""
    if len(drawn) <= most:
        return drawn
    order = {Verdict.UNHEALTHY: 1, Verdict.UNVERIFIED: 2, Verdict.BLOCKED: 3}
    ranked = sorted(range(len(drawn)), key=lambda n: (drawn[n].name != root, order.get(drawn[n].verdict, 4), n))
    kept = set(ranked[:most])
    return [row for number, row in enumerate(drawn) if number in kept]


def _others(drawn: Sequence[Row], chosen: Sequence[Row]) -> str:
    kept = {id(row) for row in chosen}
    rest = [row for row in drawn if id(row) not in kept]
    tally = {verdict: sum(row.verdict is verdict for row in rest) for verdict in Verdict}
    said = ", ".join(f"{number} {verdict}" for verdict, number in tally.items() if number)
    return f"and {len(rest)} more: {said}"


def _cells(row: Row, shown: Sequence[str], *, merged: bool, strong: bool) -> list[str]:
    name, verdict = code(row.name, limit=64), prose(row.words, limit=120)
    answers = [prose(answer, limit=160) for answer in row.answers[:4]]
    if len(row.answers) > 4:
        answers.append(f"and {len(row.answers) - 4} more")
    note = prose(row.note)
    said = {
        "after": row.after,
        "check": row.check,
        "memory": row.memory,
        "restarts": row.restarts,
        "answers": ", ".join([*answers, *([note] if merged and note else [])]),
        "note": note,
    }
    first = f"**{name}**" if strong else name
    second = f"{row.symbol} **{verdict}**" if strong else f"{row.symbol} {verdict}"
    return [first, second, *(said[column] for column in shown)]


def _facts(report: HealthReport, known: Context) -> str:
    """The line of facts under the table; only what is known is said."""
    facts = []
    if report.commit:
        facts.append(f"Commit {code(report.commit[:7])}{' with uncommitted changes' if report.dirty else ''}")
    facts += _measured(report)
    if len(known.attempts) > 1:
        facts.append(figures.count(len(known.attempts), "attempt"))
    if known.findings is not None:
        facts.append(figures.count(len(known.findings), "finding"))
    if known.cost_usd:
        facts.append(figures.cost(known.cost_usd, known.phases, known.budget_usd))
    if known.full_report:
        facts.append(f"[full report]({_target(known.full_report)})")
    ran = report.services and any(service.created_at is not None for service in report.services)
    if ran and not report.left_behind:
        facts.append("stack taken down, nothing left behind")
    line = " · ".join(facts)
    return line[:1].upper() + line[1:]


def _measured(report: HealthReport) -> list[str]:
    facts = []
    seconds = report.seconds or {}
    if report.builds and (built := seconds.get("build", 0.0)):
        each = [f"{plain.line(build.service, limit=40)} {build.seconds:.1f}" for build in report.builds if build.ok]
        listing = f" ({', '.join(prose(part) for part in each[:6])}{' ...' if len(each) > 6 else ''})" if each else ""
        facts.append(f"built in {figures.moment(built)}{listing}")
    if report.outcome is not Outcome.HEALTHY:
        watched = seconds.get("start", 0.0) + seconds.get("window", 0.0)
        facts += [f"watched {figures.span(watched)}"] if watched else []
    if report.engine:
        facts.append(f"engine {prose(report.engine.version, limit=40)}")
    return facts


def _target(url: str) -> str:
    """A link's target: what could end it is percent-encoded, and only the web and relative paths are linked."""
    safe = re.sub(r"[^\w./:?&=#%~+@,;-]", lambda found: "".join(f"%{b:02X}" for b in found[0].encode()), url)
    return safe if re.match(r"https?://|(?![\w+.-]*:)", safe) else "#"


def _left_out(names: Sequence[str], known: Context) -> str:
    where = "the full report has it all" if known.full_report else "the JSON report has it all"
    return f"*Shortened to fit: {figures.listed(list(dict.fromkeys(names)), 8)}; {where}.*"
