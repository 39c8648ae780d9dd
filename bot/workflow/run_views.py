"""Views of runs, from what the durable engine stored of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.model.codec import from_builtins
from bot.model.health import HealthReport
from bot.model.run_view import RunState, RunView, StepView
from bot.workflow.history import History, StoredRun, StoredStep
from bot.workflow.issue_run import RunOrder

_STATES: Final[Mapping[str, RunState]] = {
    "ENQUEUED": "waiting",
    "DELAYED": "waiting",
    "PENDING": "working",
    "SUCCESS": "ended",
    "CANCELLED": "stopped",
}
# A draft is a child of its run: told when it is asked for, done when the run has its result.
_ASKED: Final = "tell-"
_RECEIVED: Final = "DBOS.getResult"


@dataclass(frozen=True, slots=True)
class RunViews:
    """Shows stored runs."""

    stored: History

    async def view(self, run_id: str) -> RunView | None:
        """Return the run, None for an unknown one."""
        run = await self.stored.history(run_id)
        return shown(run) if run else None


def shown(run: StoredRun) -> RunView:
    """Return `run` as people may look at it."""
    job = from_builtins(RunOrder, run.order).job
    state = _STATES.get(run.state, "broken")
    outputs = {step.name: step.output for step in run.steps if not step.error}
    return RunView(
        run_id=run.run_id,
        repository=job.repository,
        number=job.number,
        title=job.issue.title if job.issue else "",
        actor=job.actor,
        state=state,
        outcome=run.output if isinstance(run.output, str) else "",
        began=run.began,
        ended=0.0 if state in {"waiting", "working"} else max(run.updated, *(step.ended for step in run.steps), 0.0),
        steps=tuple(_steps(run.steps)),
        reports=tuple(
            from_builtins(HealthReport, output) for name, output in outputs.items() if name.startswith("verify-")
        ),
        where=str(outputs.get("propose", "")),
    )


def _steps(stored: Sequence[StoredStep]) -> Iterator[StepView]:
    """The steps that people know: asking for a draft and receiving it are one."""
    asked: StoredStep | None = None
    for step in stored:
        if step.name.startswith(_ASKED) and step.name != "tell-end":
            asked = step
        elif step.name == _RECEIVED and asked:
            yield StepView(name=asked.name.removeprefix(_ASKED), began=asked.began, ended=step.ended, error=step.error)
            asked = None
        elif not step.name.startswith("DBOS.") and step.name not in {"draft", "tell-end"}:
            yield StepView(name=step.name, began=step.began, ended=step.ended, error=step.error)
    if asked:  # it is being written, or was when the run was stopped
        yield StepView(name=asked.name.removeprefix(_ASKED), began=asked.began, ended=0.0)
