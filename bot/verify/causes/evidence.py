"""What there is to read about a service that failed: outputs of its probes, its log, the engine's words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.model.measured import HealthCheck, Place, Probe, Record, ServiceRecord
from bot.verify.check_words import Asked, asked_by

_MOST: Final = 3
_WIDTH: Final = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A service in its stack, seen by those who look for causes."""

    service: ServiceRecord
    record: Record

    @property
    def check(self) -> HealthCheck | None:
        """The check in force."""
        return self.service.check

    @property
    def failing(self) -> tuple[Probe, ...]:
        """The probes that failed, in order."""
        return tuple(probe for probe in self.service.probes if probe.exit_code != 0)

    @property
    def probe_lines(self) -> tuple[str, ...]:
        """What failing probes printed."""
        return tuple(line.strip() for probe in self.failing for line in probe.output.splitlines() if line.strip())

    @property
    def asked(self) -> Asked | None:
        """What the check asks over the network."""
        return asked_by(self.check.command) if self.check else None

    @property
    def where(self) -> Place | None:
        """Where a person would edit the check, or else the service."""
        return (self.check.place if self.check else None) or self.service.place

    def log_matching(self, pattern: re.Pattern[str]) -> tuple[str, ...]:
        """Return lines of the log that match, the last few."""
        return matching(self.service.log, pattern)

    def probes_matching(self, pattern: re.Pattern[str]) -> tuple[str, ...]:
        """Return lines that failing probes printed and that match, each once."""
        return matching(self.probe_lines, pattern)

    def listens_on(self, port: int) -> tuple[str, ...]:
        """Return the addresses on which something listens at `port`."""
        return tuple(address for address in self.service.listening if address.rpartition(":")[2] == str(port))


def matching(lines: Iterable[str], pattern: re.Pattern[str]) -> tuple[str, ...]:
    """Return the lines that match, cut, each once, the last few."""
    found = [line.strip()[:_WIDTH] for line in lines if pattern.search(line)]
    return tuple(dict.fromkeys(found))[-_MOST:]
