"""A stand-in for the port `Verifier` on a server: gives reports in turn, and can be made to wait."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from bot.model.health import Cause, HealthReport, Outcome, ServiceHealth, Verdict

HEALTHY = HealthReport(
    outcome=Outcome.HEALTHY,
    path="src/docker-compose.yml",
    services=tuple(
        ServiceHealth(name=name, verdict=Verdict.HEALTHY, started_at=0.2, healthy_at=2.0, running=True)
        for name in ("postgres", "redis", "backend")
    ),
    window=15.0,
    samples=8,
    started="2026-01-02T03:04:05Z",
)
UNHEALTHY = HealthReport(
    outcome=Outcome.UNHEALTHY,
    path="src/docker-compose.yml",
    cause=Cause(
        code="ipv6-localhost",
        title="its check looks at IPv6",
        explanation="`backend` listens on `0.0.0.0:8000`, but its check asks `localhost`, which is `::1` first.",
        evidence=("connect to ::1 port 8000 failed: Connection refused",),
        next_step="use `127.0.0.1` in the check",
    ),
    root_cause="backend",
    services=(
        ServiceHealth(name="postgres", verdict=Verdict.HEALTHY, healthy_at=2.0, running=True),
        ServiceHealth(name="backend", verdict=Verdict.UNHEALTHY, started_at=2.1, running=True),
    ),
    started="2026-01-02T03:04:05Z",
)


@dataclass
class FakeVerifier:
    """Gives `reports` in turn, the last again and again; while `held`, it never comes back."""

    reports: list[HealthReport] = field(default_factory=lambda: [HEALTHY])
    held: bool = False
    asked: list[str] = field(default_factory=list)
    cancelled: int = 0
    _waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = field(default_factory=list)

    def release(self) -> None:
        """Let what is held come back."""
        self.held = False
        for loop, event in self._waiting:
            loop.call_soon_threadsafe(event.set)

    async def verify(self, branch: str, commit: str) -> HealthReport:
        del branch
        self.asked.append(commit)
        if self.held:
            try:
                released = asyncio.Event()
                self._waiting.append((asyncio.get_running_loop(), released))
                await released.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        report = self.reports.pop(0) if len(self.reports) > 1 else self.reports[0]
        return replace(report, commit=commit)
