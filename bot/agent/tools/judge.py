"""Check and Verify: how the work stands, by the same rules and the same verification that judge it in the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bot.agent.evidence import evidence
from bot.agent.message import ToolResult
from bot.model.finding import Finding, Severity
from bot.model.health import HealthReport, Outcome

Checked = Callable[[bool], Awaitable[tuple[Finding, ...]]]
Verified = Callable[[], Awaitable[HealthReport]]


class Judge:
    """Both tools; `check` applies the safe fixes first where it is given True."""

    def __init__(self, check: Checked, verify: Verified | None) -> None:
        self._check = check
        self._verify = verify

    @property
    def verifies(self) -> bool:
        """Whether there is an engine to verify with."""
        return self._verify is not None

    async def check(self, arguments: dict[str, Any]) -> ToolResult:
        """Hold the rules against the tree."""
        findings = await self._check(bool(arguments.get("fix")))
        blocking = sum(finding.severity is not Severity.INFO for finding in findings)
        head = "clean: no error and no warning" if not blocking else f"{blocking} to mend"
        return ToolResult(text=f"{head}\n{evidence(findings, None)}" if findings else head)

    async def verify(self, _arguments: dict[str, Any]) -> ToolResult:
        """Prove the stack as it is now."""
        if self._verify is None:
            return ToolResult(text="No Docker engine is at hand, so nothing can be proved here.", is_error=True)
        health = await self._verify()
        return ToolResult(text=evidence((), health), is_error=health.outcome is not Outcome.HEALTHY)
