"""The stack as a Mermaid graph coloured by health, and its start-up as a Mermaid Gantt chart."""

from __future__ import annotations

from typing import Final

from bot.model.health import HealthReport, ServiceHealth, Verdict
from bot.report.mermaid import Names, flowchart, gantt_text

# Enough for any stack a person draws; beyond it the picture helps nobody and GitHub refuses to render it.
MOST_SERVICES: Final = 40
_CLASSES: Final = {
    "fine": "fill:#dafbe1,stroke:#1a7f37,color:#116329",
    "broken": "fill:#ffebe9,stroke:#cf222e,color:#82071e",
    "blocked": "fill:#eaeef2,stroke:#6e7781,color:#424a53,stroke-dasharray:4 3",
    "unknown": "fill:#fff8c5,stroke:#9a6700,color:#633c01",
}
_CLASS_OF: Final = {
    Verdict.HEALTHY: "fine",
    Verdict.DONE: "fine",
    Verdict.UNHEALTHY: "broken",
    Verdict.BLOCKED: "blocked",
    Verdict.UNVERIFIED: "unknown",
}


def health_graph(report: HealthReport) -> str:
    """Return the services and what they wait for, coloured; "" for fewer than two services or too many to draw."""
    services = report.services
    if not 2 <= len(services) <= MOST_SERVICES:
        return ""
    names = Names(service.name for service in services)
    nodes = [names.node(service.name, state=_CLASS_OF[service.verdict]) for service in services]
    edges = [
        f"{names[service.name]} --> {names[need]}" for service in services for need in service.needs if need in names
    ]
    used = {_CLASS_OF[service.verdict] for service in services}
    return flowchart(nodes, edges, {name: style for name, style in _CLASSES.items() if name in used})


def startup_gantt(report: HealthReport) -> str:
    """Return the start-up as a chart; "" where nothing was started or where there is too much to draw."""
    drawn = [service for service in report.services if service.started_at is not None]
    if not drawn or len(drawn) > MOST_SERVICES:
        return ""
    horizon = max(_end(service, report) for service in drawn)
    form, axis = _clock(horizon)
    lines = ["gantt", f"  dateFormat  {form}", f"  axisFormat  {axis}"]
    for service in drawn:
        begin = service.started_at or 0.0
        seconds = max(_end(service, report) - begin, 0.05)
        lines += [
            f"  section {gantt_text(service.name)}",
            f"  {_task(service)} {_at(begin, form)}, {_tenths(seconds)}s",
        ]
    return "\n".join(lines)


def _task(service: ServiceHealth) -> str:
    if service.one_shot:
        return "run :done," if service.verdict is Verdict.DONE else "run :crit,"
    if service.verdict is Verdict.HEALTHY:
        return "start to healthy :done,"
    return "unhealthy :crit," if service.verdict is Verdict.UNHEALTHY else "not judged :active,"


def _end(service: ServiceHealth, report: HealthReport) -> float:
    """When its bar ends: healthy or ended, otherwise when the watch ended."""
    ended = service.finished_at if service.one_shot or not service.running else None
    if service.verdict is Verdict.HEALTHY:
        ended = service.healthy_at
    last_probe = max((probe.at + probe.seconds for probe in service.probes), default=0.0)
    watched = (report.seconds or {}).get("start", 0.0)
    return ended if ended is not None else max(last_probe, watched, service.started_at or 0.0)


def _clock(horizon: float) -> tuple[str, str]:
    """Mermaid reads times by a format: seconds alone only reach 59."""
    if horizon < 60:
        return "ss.SSS", "%S s"
    return ("mm:ss.SSS", "%M:%S") if horizon < 3600 else ("HH:mm:ss.SSS", "%H:%M:%S")


def _at(seconds: float, form: str) -> str:
    milliseconds = round(min(max(seconds, 0.0), 86_399) * 1000)
    whole, rest = divmod(milliseconds, 1000)
    hours, minutes, left = whole // 3600, whole // 60 % 60, whole % 60
    clock = f"{left:02d}.{rest:03d}"
    if form.startswith("mm"):
        return f"{minutes:02d}:{clock}"
    return f"{hours:02d}:{minutes:02d}:{clock}" if form.startswith("HH") else clock


def _tenths(seconds: float) -> str:
    return f"{seconds:.2f}".rstrip("0").rstrip(".") if seconds < 1 else f"{seconds:.1f}".removesuffix(".0")
