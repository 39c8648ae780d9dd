"""The table of all rules, generated from the registry."""

from __future__ import annotations

from bot.check.rule import Rule

_LETTERS = {"compose": "C", "dockerfile": "D", "tree": "T"}


def table(rules: tuple[Rule, ...]) -> str:
    """Return a Markdown table: code, name, what it finds, where it looks, severity, fix."""
    rows = [("code", "name", "finds", "in", "severity", "fix")]
    for rule in rules:
        code = "" if rule.code == rule.name else rule.code
        letters = " ".join(_LETTERS[subject] for subject in rule.needs)
        rows.append((code, rule.name, rule.summary, letters, rule.severity.value, rule.fix))
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    lines = [_line(rows[0], widths), "|" + "|".join("-" * (width + 2) for width in widths) + "|"]
    lines += [_line(row, widths) for row in rows[1:]]
    return "\n".join(lines) + "\n"


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
