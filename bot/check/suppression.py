"""`# groundwork: ignore[rule] reason`: silences a finding on its line, or on the line below the comment."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.check.rule import Rule
from bot.check.selection import matches_rule
from bot.model.finding import Finding, Severity
from bot.parse.source import Source

_COMMENT: Final = re.compile(r"#\s*groundwork:\s*ignore(?:\[([^\]\n]*)\])?[ \t]*(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """One comment.

    Attributes:
        words: Rules as written: names or codes.
        reason: What stands behind them; without one nothing is silenced.
        line: Where the comment is.
        lines: The lines it speaks for.
        column: 1-based column of its `#`.
    """

    words: tuple[str, ...]
    reason: str
    line: int
    lines: frozenset[int]
    column: int


def read_suppressions(source: Source) -> tuple[Suppression, ...]:
    """Find the comments of a file; one that stands alone speaks for the next line that is no comment."""
    if "groundwork:" not in source.text:
        return ()
    found = []
    for number in range(1, len(source.line_starts) + 1):
        text = source.line(number)
        match = _COMMENT.search(text)
        if not match:
            continue
        lines = {number}
        if not text[: match.start()].strip():
            following = number + 1
            while following <= len(source.line_starts) and _passes(source.line(following)):
                following += 1
            lines.add(following)
            while source.line(following).rstrip().endswith("\\"):  # an instruction goes on
                following += 1
                lines.add(following)
        words = tuple(word.strip() for word in (match[1] or "").split(",") if word.strip())
        found.append(
            Suppression(
                words=words,
                reason=match[2].strip(" \t-:\u2013\u2014"),
                line=number,
                lines=frozenset(lines),
                column=match.start() + 1,
            )
        )
    return tuple(found)


def _passes(line: str) -> bool:
    stripped = line.strip()
    return not stripped or stripped.startswith("#")


def apply_suppressions(
    findings: Iterable[Finding], sources: Iterable[Source], rules: tuple[Rule, ...], every: tuple[Rule, ...]
) -> tuple[Finding, ...]:
    """Take out what is silenced with a reason; add a finding for each comment without reason, rule or use.

    Args:
        findings: What the rules found.
        sources: The files in which comments count.
        rules: The rules that ran: a comment for another one may well be used when that one runs.
        every: All rules there are.
    """
    comments = {source.path: read_suppressions(source) for source in sources}
    by_name = {rule.name: rule for rule in every}
    used: set[tuple[str, int, str]] = set()
    kept = []
    for finding in findings:
        silenced = False
        rule = by_name.get(finding.rule)
        for comment in comments.get(finding.path, ()):
            if rule is None or not comment.reason or finding.line not in comment.lines:
                continue
            for word in comment.words:
                if matches_rule(word, rule):
                    used.add((finding.path, comment.line, word))
                    silenced = True
        if not silenced:
            kept.append(finding)
    for path, found in comments.items():
        for comment in found:
            kept.extend(_about(path, comment, rules, every, used))
    return tuple(kept)


def _about(
    path: str, comment: Suppression, rules: tuple[Rule, ...], every: tuple[Rule, ...], used: set[tuple[str, int, str]]
) -> Iterable[Finding]:
    if not comment.words:
        yield _finding("ignore-invalid", path, comment, "Name the rules: `# groundwork: ignore[rule-name] reason`.")
        return
    if not comment.reason:
        words = f"A reason is required, so this silences nothing: `# groundwork: ignore[{comment.words[0]}] reason`."
        yield _finding("ignore-invalid", path, comment, words)
        return
    for word in comment.words:
        if not any(matches_rule(word, rule) for rule in every):
            yield _finding("ignore-invalid", path, comment, f"No rule is called `{word[:60]}`.")
        elif (path, comment.line, word) not in used and any(matches_rule(word, rule) for rule in rules):
            yield _finding("ignore-unused", path, comment, f"`{word}` finds nothing here: remove this comment.")


def _finding(name: str, path: str, comment: Suppression, message: str) -> Finding:
    return Finding(
        rule=name,
        code=name,
        severity=Severity.WARNING,
        path=path,
        line=comment.line,
        column=comment.column,
        message=message,
    )
