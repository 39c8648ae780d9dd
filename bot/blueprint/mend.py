"""Mending without a model: the safe fixes that findings carry, applied to located text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from bot.model.finding import Edit, Finding, Safety


def apply_safe_fixes(findings: Iterable[Finding], root: Path) -> tuple[Finding, ...]:
    """Apply each safe fix below `root`, whole or not at all; return the findings that were mended, in order.

    Edits give offsets in the text as it was checked, so a fix that overlaps an earlier one is left for the next round.
    """
    plan: dict[str, list[Edit]] = {}
    mended: list[Finding] = []
    for finding in findings:
        fix = finding.fix
        if fix is None or fix.safety is not Safety.SAFE or not all(_within(edit.path, root) for edit in fix.edits):
            continue
        if any(_clash(edit, other) for edit in fix.edits for other in plan.get(edit.path, ())):
            continue
        for edit in fix.edits:
            plan.setdefault(edit.path, []).append(edit)
        mended.append(finding)
    for path, edits in plan.items():
        _edit(root / path, edits, directory=path.endswith("/"))
    return tuple(mended)


def _within(path: str, root: Path) -> bool:
    """Tell whether `path` stays below `root`, links resolved: a fix writes in the tree and nowhere else."""
    return not PurePosixPath(path).is_absolute() and (root / path).resolve().is_relative_to(root.resolve())


def _clash(edit: Edit, other: Edit) -> bool:
    if edit.start == edit.end == other.start == other.end:
        return True
    return edit.start < other.end and other.start < edit.end


def _edit(target: Path, edits: list[Edit], *, directory: bool) -> None:
    if directory:
        target.mkdir(parents=True, exist_ok=True)
        return
    new = not target.exists()
    text = "" if new else target.read_bytes().decode()
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text.encode())
    if new:
        target.chmod(edits[0].mode)
