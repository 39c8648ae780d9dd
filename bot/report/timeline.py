"""The geometry of a start-up: when each service was created, started, probed, healthy; in percent of the time shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from bot.model.health import HealthReport, ServiceHealth, Verdict
from bot.report import figures

Kind = Literal["waiting", "starting", "steady", "failed", "ran", "unjudged"]
_MOST_ROWS: Final = 100
_MOST_PROBES: Final = 60
_STEPS: Final = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One phase of a service: where it begins and how wide it is, in percent."""

    kind: Kind
    begin: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A run of the health check, or a mark of the axis: where, in percent, and whether it passed or what it says."""

    at: float
    ok: bool = True
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One service's line."""

    name: str
    verdict: Verdict
    words: str
    bars: tuple[Bar, ...]
    probes: tuple[Tick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The whole picture.

    Attributes:
        axis: Marks of the axis, the first at 0.
        window: Where the stability window lies, None where there was none.
        left_out: How many services are not shown.
    """

    lines: tuple[Line, ...]
    axis: tuple[Tick, ...]
    window: Bar | None
    left_out: int

    @property
    def shown(self) -> frozenset[str]:
        """What occurs in the picture and so belongs into its legend: kinds of bars, `passed`, `missed`, `window`."""
        kinds: set[str] = {bar.kind for line in self.lines for bar in line.bars}
        kinds |= {"passed" if tick.ok else "missed" for line in self.lines for tick in line.probes}
        return frozenset(kinds | ({"window"} if self.window else set()))


def timeline(report: HealthReport) -> Timeline | None:
    """Return the picture of `report`'s start-up; None where nothing was started."""
    if not any(service.started_at is not None for service in report.services):
        return None
    begun = _window_begun(report)
    last = max(_last(service) for service in report.services)
    watched = (report.seconds or {}).get("start", 0.0)
    end = max(last, watched if begun is None else begun + report.window, 0.5)
    scale = 100 / (end * 1.015)  # a little air, so that the last mark is not cut
    shown = report.services[:_MOST_ROWS]
    return Timeline(
        lines=tuple(_line(service, end, scale) for service in shown),
        axis=tuple(Tick(at=at * scale, words=_clock(at)) for at in _marks(end)),
        window=None if begun is None else Bar(kind="steady", begin=begun * scale, width=report.window * scale),
        left_out=len(report.services) - len(shown),
    )


def _window_begun(report: HealthReport) -> float | None:
    if not report.window:
        return None
    if report.record is not None:
        return report.record.window_began
    ends = [one.finished_at if one.one_shot else one.healthy_at for one in report.services]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def _last(service: ServiceHealth) -> float:
    moments = (service.created_at, service.started_at, service.healthy_at, service.finished_at)
    probed = [probe.at + probe.seconds for probe in service.probes]
    return max([moment for moment in moments if moment is not None] + probed, default=0.0)


def _line(service: ServiceHealth, end: float, scale: float) -> Line:
    bars = []
    if service.created_at is not None and service.started_at is not None:
        bars.append(_bar("waiting", service.created_at, service.started_at, scale))
    if service.started_at is not None:
        bars += _running(service, service.started_at, end, scale)
    probes = service.probes if len(service.probes) <= _MOST_PROBES else service.probes[-_MOST_PROBES:]
    return Line(
        name=service.name,
        verdict=service.verdict,
        words=_words(service),
        bars=tuple(bar for bar in bars if bar.width > 0),
        probes=tuple(Tick(at=probe.at * scale, ok=probe.exit_code == 0) for probe in probes),
    )


def _running(service: ServiceHealth, started: float, end: float, scale: float) -> list[Bar]:
    stopped = service.finished_at if service.finished_at is not None and not service.running else end
    if service.one_shot:
        return [_bar("failed" if service.verdict is Verdict.UNHEALTHY else "ran", started, stopped, scale)]
    if service.healthy_at is None:
        return [_bar("failed" if service.verdict is Verdict.UNHEALTHY else "unjudged", started, stopped, scale)]
    after: Kind = "failed" if service.verdict is Verdict.UNHEALTHY else "steady"
    return [
        _bar("starting", started, service.healthy_at, scale),
        _bar(after, service.healthy_at, max(stopped, service.healthy_at), scale),
    ]


def _bar(kind: Kind, begin: float, end: float, scale: float) -> Bar:
    return Bar(kind=kind, begin=begin * scale, width=max(end - begin, 0.0) * scale)


def _words(service: ServiceHealth) -> str:
    if service.started_at is None:
        return "never started"
    if service.one_shot and service.finished_at is not None:
        return f"exit {service.exit_code}, {figures.moment(service.finished_at)}"
    if service.verdict is Verdict.HEALTHY and service.healthy_at is not None:
        return figures.moment(service.healthy_at)
    return service.verdict.value


def _marks(end: float) -> list[float]:
    """Round moments, five to ten of them; the last keeps off the right edge, where its words would be cut."""
    step = next((step for step in _STEPS if end / step <= 7), end / 6)
    return [number * step for number in range(int(end / step) + 1) if number * step <= end * 0.96]


def _clock(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:g} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min"
