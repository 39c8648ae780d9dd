"""What a rule is: a name, a page, and one pure function from the tree to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.model.finding import Edit, Finding, Fix, Safety, Severity

if TYPE_CHECKING:
    from bot.check.tree import Tree
    from bot.parse.source import Span

Subject = Literal["compose", "dockerfile", "tree"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One check. Its page is `bot/check/rules/<name>.md`.

    Attributes:
        name: The contract, such as `healthcheck-localhost`; what people write to select or ignore it.
        code: The short form, such as `HC03`; an escape rule repeats its name.
        severity: Unless configured otherwise.
        summary: What it finds, one line for the table of all rules.
        needs: What it looks at; told in the table.
        fix: What `--fix` (`safe`) or `--unsafe-fixes` can do in the best case; "" for nothing.
        check: The rule itself: pure, never raises for what a file holds, silent where it is not sure.
    """

    name: str
    code: str
    severity: Severity
    summary: str
    needs: tuple[Subject, ...]
    check: Callable[[Tree], Iterable[Finding]]
    fix: Literal["safe", "unsafe", ""] = ""

    def finding(self, at: Span, message: str, fix: Fix | None = None) -> Finding:
        """Return a finding at a place in a file."""
        return Finding(
            rule=self.name,
            code=self.code,
            severity=self.severity,
            path=at.path,
            line=at.line,
            column=at.column,
            end_line=at.end_line,
            end_column=at.end_column,
            message=message,
            fix=fix,
        )

    def missing(self, path: str, message: str, fix: Fix | None = None) -> Finding:
        """Return a finding about a file or folder as a whole, such as one that is not there."""
        return Finding(
            rule=self.name, code=self.code, severity=self.severity, path=path, line=1, message=message, fix=fix
        )

    def page(self) -> str:
        """Return the rule's page, Markdown."""
        from importlib import resources

        return resources.files("bot.check.rules").joinpath(f"{self.name}.md").read_text(encoding="utf-8")


def replace(at: Span, text: str) -> Edit:
    """Replace what stands at `at`."""
    return Edit(path=at.path, start=at.start, end=at.end, text=text)


def insert(at: Span, text: str) -> Edit:
    """Insert `text` before `at`."""
    return Edit(path=at.path, start=at.start, end=at.start, text=text)


def safe(description: str, *edits: Edit) -> Fix:
    """Return a fix that `--fix` applies."""
    return Fix(safety=Safety.SAFE, description=description, edits=edits)


def unsafe(description: str, *edits: Edit) -> Fix:
    """Return a fix that only `--unsafe-fixes` applies."""
    return Fix(safety=Safety.UNSAFE, description=description, edits=edits)
