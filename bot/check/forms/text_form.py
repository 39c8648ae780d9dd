"""Findings for a terminal: the rule, the words, the place, and the lines themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from bot.model.finding import Finding, Safety, Severity
from bot.parse.source import Source

_AROUND = 2
_WIDEST = 160


def as_text(findings: Iterable[Finding], read: Callable[[str], Source | None]) -> str:
    """Return every finding with its excerpt, and one line that sums up; `read` gives the files."""
    found = tuple(findings)
    blocks = [_block(finding, read(finding.path)) for finding in found]
    return "\n".join([*blocks, summary(found)])


def summary(found: tuple[Finding, ...]) -> str:
    """Return the last line: how many of which severity, and what `--fix` could mend."""
    if not found:
        return "All rules pass.\n"
    counts = Counter(finding.severity for finding in found)
    parts = [_count(counts[severity], severity.value) for severity in Severity if counts[severity]]
    lines = [f"Found {', '.join(parts)}.\n"]
    safe = sum(1 for finding in found if finding.fix and finding.fix.safety is Safety.SAFE)
    unsafe = sum(1 for finding in found if finding.fix and finding.fix.safety is Safety.UNSAFE)
    if safe:
        lines.append(f"[*] {safe} can be mended with --fix.\n")
    if unsafe:
        lines.append(f"[!] {unsafe} more with --unsafe-fixes.\n" if safe else f"[!] {unsafe} with --unsafe-fixes.\n")
    return "".join(lines)


def statistics(findings: Iterable[Finding]) -> str:
    """Return one line for each rule that found something: how often, code, name."""
    counts = Counter((finding.code, finding.rule) for finding in findings)
    width = max((len(str(count)) for count in counts.values()), default=1)
    lines = []
    for (code, rule), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        label = rule if code == rule else f"{code} {rule}"
        lines.append(f"{count:>{width}}  {label}\n")
    return "".join(lines)


def _count(number: int, severity: str) -> str:
    plural = "" if severity == "info" or number == 1 else "s"
    return f"{number} {severity}{plural}"


def _block(finding: Finding, source: Source | None) -> str:
    label = finding.rule if finding.code == finding.rule else f"{finding.code} {finding.rule}"
    mark = ""
    if finding.fix is not None:
        mark = " [*]" if finding.fix.safety is Safety.SAFE else " [!]"
    lines = [f"{finding.severity.value} {label}{mark}: {_clean(finding.message)}"]
    excerpt = _excerpt(finding, source)
    margin = " " * len(str(finding.line + _AROUND)) if excerpt else ""
    lines.append(f"{margin} --> {_clean(finding.path)}:{finding.line}:{finding.column}")
    lines.extend(excerpt)
    if finding.fix is not None:
        lines.append(f"{margin}  = fix: {_clean(finding.fix.description)}")
    return "\n".join(lines) + "\n"


def _excerpt(finding: Finding, source: Source | None) -> list[str]:
    if source is None or not finding.end_line:
        return []
    first = max(1, finding.line - _AROUND)
    last = min(len(source.line_starts), finding.line + _AROUND)
    width = len(str(finding.line + _AROUND))
    bar = f"{' ' * width} |"
    lines = [bar]
    for number in range(first, last + 1):
        text = source.line(number)
        if number == last and number != finding.line and not text.strip():
            continue
        lines.append(f"{number:>{width}} | {_clean(text)[:_WIDEST]}".rstrip())
        if number == finding.line:
            lines.append(f"{bar} {_pointer(finding, text)}")
    return [*lines, bar]


def _pointer(finding: Finding, text: str) -> str:
    start = min(finding.column - 1, _WIDEST)
    end = finding.end_column - 1 if finding.end_line == finding.line else len(text.rstrip())
    end = max(start + 1, min(end, _WIDEST))
    # Tabs are kept, so that the mark stands under its word.
    lead = "".join("\t" if char == "\t" else " " for char in text[:start])
    return f"{lead}{' ' * (start - len(lead))}{'^' * (end - start)}"


def _clean(text: str) -> str:
    """Make control characters visible: a file must not steer somebody's terminal."""
    return "".join(char if char == "\t" or char.isprintable() else "\ufffd" for char in text)
