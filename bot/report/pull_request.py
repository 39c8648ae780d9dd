"""The pull request's title and body: what it is, how to run it, why these parts, what is proved and what is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.model.change import Decision
from bot.model.proposal import Proposal
from bot.model.stack import Stack
from bot.report import criteria, figures, plain
from bot.report.decisions import decisions
from bot.report.details import stand_in_words
from bot.report.fitting import GITHUB_LIMIT, Part, fit
from bot.report.markdown import code, details, fence, opening, place, prose, span, table, text
from bot.report.refusals import refusals_details
from bot.report.stack_text import address, run_commands, service_table, stack_graph
from bot.report.verdict import words

_TITLE_LENGTH: Final = 120


def pull_request_title(proposal: Proposal) -> str:
    """Return the title: plain text on one line, at most 120 characters."""
    return plain.line(proposal.title, limit=_TITLE_LENGTH) or "Infrastructure"


def pull_request_markdown(proposal: Proposal, *, rules: int = 0, limit: int = GITHUB_LIMIT) -> str:
    """Return the body as Markdown, at most `limit` characters; ends with a line break.

    Args:
        proposal: What is proposed, with its proof.
        rules: How many rules were checked; 0 where that is not known.
        limit: In characters; the least important parts are shortened first.
    """
    stack = proposal.stack
    parts = [
        Part(forms=(_opening(proposal),)),
        Part(forms=(_graph(stack), ""), name="the graph", rank=3),
        Part(forms=_services(proposal), name="services in the table", rank=1),
        Part(forms=_asked(proposal), name="answers to the issue", rank=1),
        Part(forms=_decisions(decisions(proposal)), name="decisions", rank=2),
        Part(forms=_confirm(proposal), name="points to confirm", rank=1),
        Part(forms=_kept(proposal), name="what was left alone", rank=2),
        Part(forms=_notes(proposal), name="what was not verified", rank=2),
        Part(forms=(_proof(proposal, rules),)),
        Part(forms=(_closing(proposal),), gap="\n"),
    ]
    return fit(parts, limit=limit, note=lambda left: f"*Shortened to fit: {figures.listed(list(left))}.*")


def _opening(proposal: Proposal) -> str:
    lines = [f"Closes #{proposal.issue.number}"] if proposal.issue.number else []
    if proposal.draft:
        lines.append(f"**Draft. {prose(words(proposal.health).headline, limit=500)}.**")
    stack = proposal.stack
    if stack is None or not stack.services:
        lines.append("There is no compose file in this change, so there is nothing to run yet.")
    else:
        lines.append(_how_to_run(proposal, stack))
    return "\n\n".join(lines)


def _how_to_run(proposal: Proposal, stack: Stack) -> str:
    title = text(proposal.brief.title, limit=80) or "the project"
    containers = [service for service in stack.services if not service.one_shot]
    number = f"{figures.word(len(containers))} container{'s' if len(containers) != 1 else ''}"
    once = len(stack.services) - len(containers)
    extra = f" and {figures.word(once)} that run{'s' if once == 1 else ''} once" if once else ""
    where = address(stack)
    opens = f", then open <{where}>" if where else ""
    return f"Runs {title} as {number}{extra}: {code(run_commands(stack, proposal.change.files), limit=300)}{opens}."


def _graph(stack: Stack | None) -> str:
    drawn = stack_graph(stack) if stack else ""
    return fence(drawn, "mermaid") if drawn else ""


def _services(proposal: Proposal) -> tuple[str, ...]:
    stack = proposal.stack
    if stack is None or not stack.services:
        return ("",)
    return tuple(dict.fromkeys(service_table(stack, most) for most in (60, 20, 8, 3)))


def _asked(proposal: Proposal) -> tuple[str, ...]:
    found = criteria.answers(proposal)
    if not found:
        return ("",)
    return tuple(dict.fromkeys(_asked_table(found, most) for most in (40, 15, 5, 2)))


def _asked_table(found: Sequence[criteria.Answered], most: int) -> str:
    drawn = [
        (
            prose(one.text, limit=240),
            f"{criteria.SYMBOLS[one.standing]} {one.standing.value}",
            prose(one.why, limit=300),
        )
        for one in found[:most]
    ]
    if len(found) > most:
        drawn.append((f"and {len(found) - most} more", "", ""))
    return f"**What the issue asks for**\n\n{table(('asked', 'answer', 'evidence'), ('---', '---', '---'), drawn)}"


def _decisions(found: Sequence[Decision]) -> tuple[str, ...]:
    if not found:
        return ("",)
    return tuple(dict.fromkeys(_decision_table(found, most) for most in (12, 5, 2)))


def _decision_table(found: Sequence[Decision], most: int) -> str:
    drawn = [(prose(one.what, limit=160), prose(one.why, limit=360)) for one in found[:most]]
    if len(found) > most:
        drawn.append((f"and {len(found) - most} more", ""))
    return f"**Why these parts**\n\n{table(('decision', 'evidence'), ('---', '---'), drawn)}"


def _confirm(proposal: Proposal) -> tuple[str, ...]:
    points = [*proposal.work.confirm, *(point.question for point in proposal.brief.open)]
    told = list(dict.fromkeys(point.strip().rstrip(".") for point in points if point.strip()))
    if not told:
        return ("",)
    forms = []
    for most in (20, 6, 2):
        shown = [prose(point, limit=300) for point in told[:most]]
        shown += [f"and {len(told) - most} more"] if len(told) > most else []
        if sum(map(len, shown)) <= 240:
            forms.append(f"**Please confirm:** {' · '.join(shown)}.")
        else:
            forms.append("\n".join(["**Please confirm**", "", *(f"- {opening(point)}" for point in shown)]))
    return tuple(dict.fromkeys(forms))


def _kept(proposal: Proposal) -> tuple[str, ...]:
    kept = proposal.work.kept
    if not kept:
        return ("",)
    forms = []
    for most in (20, 6, 2):
        shown = [f"{place(one.path)}: {prose(plain.sentence(one.why), limit=200)}" for one in kept[:most]]
        shown += [f"and {len(kept) - most} more"] if len(kept) > most else []
        body = f" {shown[0]}" if len(shown) == 1 else "\n\n" + "\n".join(f"- {one}" for one in shown)
        forms.append(f"**Left alone:**{body}")
    return tuple(dict.fromkeys(forms))


def _notes(proposal: Proposal) -> tuple[str, ...]:
    """What was not verified and why, and what else a reader should know of this run; folded."""
    unverified = [*proposal.health.unverified, *proposal.work.unverified, *stand_in_words(proposal.health.stand_ins)]
    other = [*proposal.base.notes, *proposal.brief.notes]
    if proposal.work.ended:
        other.append(f"The engine {span(proposal.work.engine)} ended early: {proposal.work.ended}")
    forms = []
    for most in (20, 6, 2):
        folded = [
            details(
                title, "\n".join(f"- {opening(prose(plain.sentence(one), limit=400))}" for one in _most(told, most))
            )
            for title, told in (("What was not verified", unverified), ("Notes on this run", other))
            if told
        ]
        folded += [refused] if (refused := refusals_details(proposal.work.refused, most)) else []
        forms.append("\n".join(folded))
    return (*dict.fromkeys(forms), "")


def _most(sentences: Sequence[str], most: int) -> list[str]:
    unique = list(dict.fromkeys(sentences))
    return unique[:most] + ([f"and {len(unique) - most} more"] if len(unique) > most else [])


def _proof(proposal: Proposal, rules: int) -> str:
    said = words(proposal.health)
    verdict = f"{said.state.lower()}, see the report"
    found = figures.count(len(proposal.findings), "finding")
    facts = [
        verdict,
        f"{figures.count(rules, 'rule')}, {found}" if rules else found,
        f"commit {code(proposal.head[:7])}",
    ]
    if len(proposal.attempts) > 1:
        facts.append(f"attempt {len(proposal.attempts)}")
    if proposal.work.cost_usd:
        facts.append(figures.cost(proposal.work.cost_usd, [(one.phase, one.usd) for one in proposal.work.phases]))
    return f"**Proof:** {' · '.join(part for part in facts if part)}."


def _closing(proposal: Proposal) -> str:
    if proposal.issue.number:
        return (
            "To change something, review this pull request: every comment of your review is taken in one go and "
            "answered in its thread. `/infra help` lists commands."
        )
    branch = code(proposal.base.branch, limit=100)
    return f"To change something, commit on {branch}: the next run continues there and never overwrites a commit."
