"""A run as a page: its steps with their times, drawn to scale, and what each verification showed."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.model.run_view import RunState, RunView, StepView
from bot.report import figures, run_comment
from bot.report.health_html import TONES, page_environment
from bot.report.verdict import words

_HEADLINES: Final[dict[RunState, tuple[str, str]]] = {
    "waiting": ("Waiting for its turn", "unknown"),
    "working": ("Working on it", "unknown"),
    "stopped": ("Stopped", "broken"),
    "broken": ("Broke off", "broken"),
    "ended": ("Done", "fine"),
}
_OUTCOMES: Final = {
    "ready": ("The pull request is ready", "fine"),
    "draft": ("The pull request is a draft", "unknown"),
    "nothing": ("Nothing to do", "fine"),
    "failed": ("Could not go on", "broken"),
}
_AGAIN: Final = 5  # seconds until a page of a run that goes on looks again
_NARROWEST: Final = 0.4  # percent; a step of a millisecond is still to be seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page and the hash of its one style, for a content security policy."""

    html: str
    style: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A step's line; `left` and `width` are percents of the run's time."""

    words: str
    took: str
    left: float
    width: float
    state: str
    error: str = ""


def run_page(run: RunView, *, github: str, link: str, now: float, transcript: bool = False) -> Page:
    """Return the page of `run`.

    Args:
        run: The run.
        github: The address of GitHub, for links to repository and issue.
        link: The page's own address; `&report=N` leads to the report of a verification.
        now: Seconds since 1970.
        transcript: `&transcript` leads to what was said with the model.
    """
    environment = page_environment()
    style = environment.get_template("report.css").render() + environment.get_template("run.css").render()
    headline, tone = _OUTCOMES.get(run.outcome, _HEADLINES[run.state])
    goes_on = run.state in {"waiting", "working"}
    html = environment.get_template("run.html.j2").render(
        style=style,
        run=run,
        headline=headline,
        tone=tone,
        again=_AGAIN if goes_on else 0,
        took=figures.moment(max(0.0, (now if goes_on else run.ended) - run.began)),
        began=datetime.fromtimestamp(run.began, UTC).strftime("%Y-%m-%d %H:%M"),
        rows=_rows(run, now),
        reports=[words(report) for report in run.reports],
        tones=TONES,
        repository=f"{github}/{run.repository}",
        where=run.where if run.where.startswith(f"{github}/") else "",
        link=link,
        transcript=transcript,
    )
    return Page(html=html, style=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode())


def _rows(run: RunView, now: float) -> list[_Row]:
    known = [step for step in run.steps if run_comment.told(step.name)]
    end = run.ended or now
    whole = max(end - run.began, 0.001)
    return [_row(step, run, end, whole) for step in known]


def _row(step: StepView, run: RunView, end: float, whole: float) -> _Row:
    over = bool(step.ended)
    took = max(0.0, (step.ended or end) - step.began)
    left = min(100.0 - _NARROWEST, max(0.0, (step.began - run.began) / whole * 100))
    state = "broken" if step.error else "fine" if over else "unknown" if not run.ended else "blocked"
    return _Row(
        words=run_comment.did(step.name) if over and not step.error else run_comment.doing(step.name),
        took=figures.latency(took),
        left=left,
        width=min(100.0 - left, max(_NARROWEST, took / whole * 100)),
        state=state,
        error=step.error,
    )
