"""The closing summary in a terminal: verdict, table, cause, next step, where the files are. Plain lines, no codes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

from bot.model.finding import Finding
from bot.model.health import HealthReport
from bot.model.proposal import Proposal
from bot.report import figures, logs, plain
from bot.report.details import stand_in_words
from bot.report.service_table import Row, rows, worth_showing
from bot.report.verdict import unsaid, words

_TITLES: Final = {
    "after": "healthy after",
    "check": "check",
    "restarts": "restarts",
}
_MOST_ROWS: Final = 60
_LOG_LINES: Final = 12


def health_summary(report: HealthReport) -> str:
    """Return what a person needs at the end of `groundwork verify`, as plain lines without a final line break."""
    said = words(report)
    blocks = ["\n".join([_plain(said.headline), *_indented(said.paragraph)])]
    if report.services:
        blocks.append(_table(report))
    if report.findings:
        found = [
            f"  {plain.line(f'{one.path}:{one.line}')}  {_plain(one.rule)}: {_plain(one.message)}"
            for one in report.findings
        ]
        blocks.append("\n".join([*found[:20], *([f"  and {len(found) - 20} more"] if len(found) > 20 else [])]))
    blocks += [*_evidence(report), *_log(report)]
    if said.next_step:
        blocks.append(f"Next step: {_plain(said.next_step)}.")
    if reasons := (*unsaid(report), *stand_in_words(report.stand_ins)):
        blocks.append("\n".join(["Not verified:", *(f"  - {_plain(plain.sentence(one))}" for one in reasons[:8])]))
    if report.left_behind:
        blocks.append("Left behind: " + ", ".join(plain.line(name, limit=80) for name in report.left_behind[:12]))
    return "\n\n".join(blocks)


def run_summary(proposal: Proposal, where: str) -> str:
    """Return what a person needs at the end of `groundwork run`; `where` is where the texts are."""
    branch = plain.line(proposal.base.branch, limit=120)
    commit = proposal.head[:7]
    written = figures.count(len(proposal.change.files), "file")
    found = figures.count(len(proposal.findings), "finding")
    facts = [f"branch   {branch} at {commit} ({written}, {found})"]
    if len(proposal.attempts) > 1:
        facts.append(f"attempts {len(proposal.attempts)}")
    facts.append(f"reports  {plain.line(where, limit=400)}")
    if proposal.base.notes:
        facts += [f"note     {_plain(note)}" for note in proposal.base.notes[:4]]
    return f"{health_summary(proposal.health)}\n\n" + "\n".join(facts)


def _findings(findings: Sequence[Finding]) -> str:
    lines = [
        f"  {plain.line(f'{one.path}:{one.line}', limit=200)}  {_plain(one.rule)}: {_plain(one.message)}"
        for one in findings[:20]
    ]
    return "\n".join([*lines, *([f"  and {len(findings) - 20} more"] if len(findings) > 20 else [])])


def _plain(prose: str) -> str:
    """A prose string without its marks, on one line."""
    return plain.line(prose, limit=600).replace("`", "")


def _indented(paragraph: str) -> list[str]:
    return [f"  {_plain(line)}" for line in paragraph.splitlines() if line.strip()]


def _evidence(report: HealthReport) -> list[str]:
    cause = report.cause
    if cause is None or not (cause.evidence or cause.place):
        return []
    seen = [f"  {logs.output(line, limit=200)}" for line in cause.evidence[:3]]
    spot = cause.place
    where = plain.line(f"{spot.path}:{spot.line}" if spot.line else spot.path, limit=200) if spot else ""
    return ["\n".join([f"Seen{f' ({where})' if where else ''}:", *seen] if seen else [f"Where: {where}"])]


def _log(report: HealthReport) -> list[str]:
    """The last lines of what failed: of a build, otherwise of the service that broke first."""
    for build in report.builds:
        if not build.ok and build.lines:
            return [_lines(f"the build of {plain.line(build.service, limit=60)}", build.lines)]
    for service in report.services:
        if service.name == report.root_cause and service.log:
            return [_lines(plain.line(service.name, limit=60), service.log)]
    return []


def _lines(whose: str, log: Sequence[str]) -> str:
    kept = logs.last(log, _LOG_LINES, length=200)
    return "\n".join(
        [f"Last {figures.count(len(kept), 'line')} of {whose}:", *(f"  | {line.expandtabs(4)}" for line in kept)]
    )


def _table(report: HealthReport) -> str:
    shown = worth_showing(report)
    columns = [column for column in ("after", "check", "restarts") if column in shown]
    last = "answers" if "answers" in shown else ""
    drawn = [("", "service", "verdict", *(_TITLES[column] for column in columns), last)]
    drawn += [_cells(row, columns) for row in rows(report)[:_MOST_ROWS]]
    wide = [max(_width(line[number]) for line in drawn) for number in range(len(drawn[0]))]
    lines = ["  ".join(_padded(cell, size) for cell, size in zip(line, wide, strict=True)).rstrip() for line in drawn]
    if len(report.services) > _MOST_ROWS:
        lines.append(f"and {len(report.services) - _MOST_ROWS} more")
    return "\n".join(lines)


def _cells(row: Row, columns: Sequence[str]) -> tuple[str, ...]:
    said = {
        "after": row.after,
        "check": row.check,
        "restarts": row.restarts,
    }
    last = ", ".join([*(_plain(answer) for answer in row.answers[:3]), *([row.note] if row.note else [])])
    name = plain.line(row.name, limit=40)
    return (row.symbol, name, _plain(row.words), *(said[column] for column in columns), last)


def _padded(cell: str, size: int) -> str:
    return cell + " " * (size - _width(cell))


def _width(text: str) -> int:
    """Columns that `text` takes: emoji and East Asian wide characters take two, variation selectors none."""
    return sum(
        0 if character == "\ufe0f" else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text.replace("⚠️", "WW").replace("⏸", "WW")
    )
