"""Applies fixes: edits at located places, then everything is read and judged again before a byte is written."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.check.engine import CheckResult, Options, check, place_of
from bot.check.tree import Tree
from bot.errors import UsageError
from bot.model.finding import Edit, Finding, Fix, Safety

_ROUNDS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A tree with fixes applied, nothing written yet.

    Attributes:
        before: The tree as it lies on the disk.
        result: What is found once the fixes are in.
        texts: The new text of each file that changes, None for one that goes; a path that ends in `/` is a folder to
            make.
        modes: Permission bits of files that are made.
        applied: How many fixes.
    """

    before: Tree
    result: CheckResult
    texts: Mapping[str, str | None]
    modes: Mapping[str, int]
    applied: int


def fix_tree(root: Path, options: Options, *, unsafe: bool = False) -> Fixed:
    """Apply fixes until none is left, keeping only what makes findings vanish and none appear.

    Raises:
        UsageError: as `check_tree`.
    """
    folder, within = place_of(root)
    before = Tree(folder, changed=options.changed, within=within)
    fixing = _Fixing(before, options, unsafe=unsafe)
    fixing.run()
    return Fixed(
        before=before,
        result=fixing.result,
        texts=fixing.texts,
        modes={path: mode for path, mode in fixing.modes.items() if path in fixing.texts},
        applied=fixing.applied,
    )


class _Fixing:
    """Rounds of choosing fixes that do not touch each other, applying them, and judging the outcome."""

    def __init__(self, before: Tree, options: Options, *, unsafe: bool) -> None:
        self.before = before
        self.options = options
        self.unsafe = unsafe
        self.texts: dict[str, str | None] = {}
        self.modes: dict[str, int] = {}
        self.refused: set[tuple[object, ...]] = set()
        self.applied = 0
        self.result = check(before, options)

    def run(self) -> None:
        for _ in range(_ROUNDS):
            chosen = self._chosen()
            if not chosen:
                return
            if self._attempt(chosen):
                continue
            for finding in chosen:  # one of them does harm: apply them one by one and leave that one out
                current = next((f for f in self.result.findings if _identity(f) == _identity(finding)), None)
                if current is not None and not self._attempt((current,)):
                    self.refused.add(_identity(finding))

    def _chosen(self) -> tuple[Finding, ...]:
        taken: dict[str, list[tuple[int, int]]] = {}
        chosen = []
        seen: set[tuple[Edit, ...]] = set()
        for finding in self.result.findings:
            fix = finding.fix
            if fix is None or (fix.safety is Safety.UNSAFE and not self.unsafe) or _identity(finding) in self.refused:
                continue
            if fix.edits in seen or not all(self._writable(edit) for edit in fix.edits):
                continue
            if any(_touches(edit, taken.get(edit.path, [])) for edit in fix.edits):
                continue
            seen.add(fix.edits)
            for edit in fix.edits:
                taken.setdefault(edit.path, []).append((edit.start, edit.end))
            chosen.append(finding)
        return tuple(chosen)

    def _writable(self, edit: Edit) -> bool:
        """Whether an edit stays in the tree and changes a file we can read, or makes one that is not there."""
        path = edit.path.rstrip("/")
        if not self.result.tree.inside(path):
            return False
        return self.result.tree.read(path) is not None or not self.result.tree.exists(path)

    def _attempt(self, findings: tuple[Finding, ...]) -> bool:
        """Apply the fixes of `findings`; keep them where that takes findings away and brings none."""
        texts = dict(self.texts)
        for path, edits in _by_path(findings).items():
            if path.endswith("/"):
                texts[path] = ""
                continue
            if any(edit.delete for edit in edits):
                texts[path] = None
                continue
            source = self.result.tree.read(path)
            texts[path] = apply_edits(source.text if source is not None else "", edits)
            self.modes.setdefault(path, edits[0].mode)
        tree = Tree(self.before.root, changed=self.before.changed, within=self.before.within, overlay=texts)
        result = check(tree, self.options)
        was, now = _kinds(self.result), _kinds(result)
        if now - was or sum(now.values()) >= sum(was.values()) or len(result.notes) > len(self.result.notes):
            return False
        self.texts, self.result = texts, result
        self.applied += len(findings)
        return True


def _identity(finding: Finding) -> tuple[object, ...]:
    return (finding.rule, finding.path, finding.message)


def _kinds(result: CheckResult) -> Counter[tuple[str, str]]:
    return Counter((finding.rule, finding.path) for finding in result.findings)


def _touches(edit: Edit, taken: list[tuple[int, int]]) -> bool:
    return any(edit.start <= end and start <= edit.end for start, end in taken)


def _by_path(findings: tuple[Finding, ...]) -> dict[str, list[Edit]]:
    edits: dict[str, list[Edit]] = {}
    for finding in findings:
        fix: Fix | None = finding.fix
        for edit in fix.edits if fix is not None else ():
            edits.setdefault(edit.path, []).append(edit)
    return edits


def apply_edits(text: str, edits: list[Edit]) -> str:
    r"""Return `text` with `edits` applied; inserted line ends follow the file's own (`\n` or `\r\n`)."""
    crlf = "\r\n" in text
    for edit in sorted(edits, key=lambda each: (each.start, each.end), reverse=True):
        put = edit.text.replace("\r\n", "\n").replace("\n", "\r\n") if crlf else edit.text
        text = text[: edit.start] + put + text[edit.end :]
    return text


def diff(fixed: Fixed) -> str:
    """Return what the fixes change, as a unified diff that `git apply` takes."""
    parts: list[str] = []
    for path, text in sorted(fixed.texts.items()):
        if path.endswith("/"):
            continue
        source = fixed.before.read(path)
        before = source.text if source is not None else ""
        old = f"a/{path}" if source is not None else "/dev/null"
        new = f"b/{path}" if text is not None else "/dev/null"
        after = (text or "").splitlines(keepends=True)
        lines = difflib.unified_diff(before.splitlines(keepends=True), after, old, new)
        parts.extend(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
    return "".join(parts)


def write(fixed: Fixed) -> None:
    """Write the fixes, each file in one go.

    Raises:
        UsageError: a file cannot be written; those before it are.
    """
    for path, text in sorted(fixed.texts.items()):
        place = fixed.before.root / path
        try:
            if path.endswith("/"):
                place.mkdir(parents=True, exist_ok=True)
            elif text is None:
                place.unlink(missing_ok=True)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                _replace(Path(os.path.realpath(place)), text, fixed.modes.get(path, 0o644))
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}", hint="check its permissions") from error


def _replace(place: Path, text: str, mode: int) -> None:
    """Put the whole new text in place at once, with the old file's permissions."""
    if place.exists():
        mode = place.stat().st_mode & 0o7777
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".groundwork-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        Path(name).chmod(mode)
        Path(name).replace(place)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
