"""What a verification tells while it runs: typed happenings, each with words for a line in a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Phase = Literal["plan", "build", "start", "window", "probe", "cache", "teardown"]
_PHASES: dict[Phase, str] = {
    "plan": "planning",
    "build": "building images",
    "start": "starting containers",
    "window": "watching it stay up",
    "probe": "reading logs and files",
    "cache": "keeping the built layers",
    "teardown": "taking the stack down",
}
ContainerChange = Literal["created", "started", "healthy", "unhealthy", "exited", "oom", "killed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseStarted:
    """A phase began."""

    phase: Phase

    @property
    def words(self) -> str:
        """One line."""
        return _PHASES[self.phase]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseEnded:
    """A phase ended after `seconds`."""

    phase: Phase
    seconds: float

    @property
    def words(self) -> str:
        """One line."""
        return f"{_PHASES[self.phase]}: {self.seconds:.1f} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildStep:
    """The build of `service` is at `step`."""

    service: str
    step: str

    @property
    def words(self) -> str:
        """One line."""
        return f"building {self.service}: {self.step}" if self.service else f"building: {self.step}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerHappening:
    """A service's container changed, `at` seconds since start-up began."""

    service: str
    change: ContainerChange
    at: float
    exit_code: int | None = None

    @property
    def words(self) -> str:
        """One line."""
        code = "" if self.exit_code is None else f" ({self.exit_code})"
        return f"{self.service} {self.change}{code} after {self.at:.1f} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortAnswered:
    """A published port was asked."""

    service: str
    port: int
    ok: bool

    @property
    def words(self) -> str:
        """One line."""
        return f"{self.service} {'answers' if self.ok else 'does not answer'} on {self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The watch is over: what follows only gathers evidence and takes the stack down."""

    ended: str

    @property
    def words(self) -> str:
        """One line."""
        return f"watch ended: {self.ended}"


Happening = PhaseStarted | PhaseEnded | BuildStep | ContainerHappening | PortAnswered | Watched


class Progress(Protocol):
    """Who is told; called from several threads, must not block."""

    def happened(self, happening: Happening) -> None:
        """Take note of `happening`."""
        ...


class Silence:
    """Nobody is told."""

    def happened(self, happening: Happening) -> None:
        """Do nothing."""
