"""`groundwork brief`: says what a repository, or one document, needs to run, with evidence."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from bot.brief.issue_file import read_issue
from bot.brief.read import read_brief, read_document
from bot.errors import UsageError
from bot.model.brief import Brief, Fact
from bot.model.codec import to_json

_ROWS: Final[tuple[tuple[str, str], ...]] = (
    ("back end", "backend"),
    ("front end", "frontend"),
    ("database", "databases"),
    ("cache", "caches"),
    ("queue", "queues"),
    ("worker", "workers"),
    ("proxy", "proxy"),
    ("domain", "custom_domains"),
    ("run by others", "external"),
    ("extra", "extras"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `groundwork brief`."""
    parser.add_argument("path", metavar="PATH", type=Path, help="a repository, or one Markdown document")
    parser.add_argument(
        "--issue", metavar="FILE", type=Path, help="an issue in Markdown; what it asks for outranks the documents"
    )
    parser.add_argument("--json", action="store_true", help="print the Brief as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the Brief; 0, or 2 where there is nothing to read."""
    path: Path = arguments.path
    if not path.exists():
        raise UsageError(f"There is nothing at {path}.", hint="give a repository or a Markdown document")
    issue = read_issue(arguments.issue) if arguments.issue else None
    if path.is_dir():
        brief = read_brief(path, issue)
    elif issue:
        raise UsageError(
            "An issue belongs to a repository, not to one document.",
            hint="give the repository's directory with --issue",
        )
    else:
        brief = read_document(path)
    print(to_json(as_contract(brief), indent=2).decode() if arguments.json else as_text(brief))
    return 0


def as_contract(brief: Brief) -> dict[str, Any]:
    """Return the Brief in the form that scripts depend on; new keys may be added, none taken away."""
    return {
        "version": 1,
        "orchestrator": brief.orchestrator,
        "backend": brief.backend,
        "frontend": brief.frontend,
        "databases": brief.databases,
        "caches": brief.caches,
        "queues": brief.queues,
        "proxy": brief.proxy,
        "custom_domains": brief.custom_domains,
        "external": brief.external,
        "needs_infra": brief.needs_infra,
        "open": [{"topic": point.topic, "question": point.question, "assumed": point.assumed} for point in brief.open],
        "evidence": [
            {
                "topic": fact.topic,
                "value": fact.value,
                "path": place.path,
                "line": place.line,
                "quote": place.quote,
                "confidence": fact.confidence,
                "rejected": fact.rejected,
            }
            for fact in brief.facts
            for place in fact.evidence
        ],
        "title": brief.title,
        "reason": brief.reason,
        "workers": brief.workers,
        "extras": brief.extras,
        "criteria": [
            {"text": item.text, "path": item.evidence.path, "line": item.evidence.line} for item in brief.criteria
        ],
        "notes": brief.notes,
    }


def as_text(brief: Brief) -> str:
    """Return the Brief for a person: the verdict, a table, what was decided against, what is open."""
    verdict = (
        f"{brief.orchestrator or 'no way to run it is named'}"
        if brief.needs_infra
        else f"nothing to build: {brief.reason}"
    )
    lines = [f"{brief.title or 'Untitled'}: {verdict}", ""]
    by_name = {fact.value: fact for fact in brief.facts}
    for noun, field in _ROWS:
        value = getattr(brief, field)
        for name in (value,) if isinstance(value, str) else value or ():
            fact = by_name.get(name)
            lines.append(f"  {noun:<14} {name:<18} {_where(fact)}")
    against = [fact for fact in brief.facts if fact.rejected]
    if against:
        lines += ["", "Not in the first version:"]
        lines += [f"  {fact.value:<18} {fact.detail or 'no':<9} {_where(fact)}" for fact in against]
    if brief.open and brief.needs_infra:
        lines += ["", "Open:"]
        lines += [f"  {point.question}" for point in brief.open]
    if brief.notes:
        lines += ["", "Notes:"]
        lines += [f"  {note}" for note in brief.notes]
    return "\n".join(lines)


def _where(fact: Fact | None) -> str:
    if fact is None or not fact.evidence:
        return ""
    place = fact.evidence[0]
    return f'{place.path}:{place.line} "{place.quote[:80]}"'
