"""Verification in GitHub Actions: the push starts the workflow, the run waits without a thread, the artifact tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from bot.errors import InvalidValueError
from bot.model.actions_run import ActionsRun, Trouble
from bot.model.health import Cause, HealthReport, Outcome
from bot.report import actions_words
from bot.workflow.actions_wait import Over, Patience, Wanted, chosen, over
from bot.workflow.ports import Mail, Steps

# What a run that waits for its verdict is told by.
TOPIC: Final = "verdict"
_REPORTS: Final = frozenset({"success", "failure"})
PATIENCE: Final = Patience()
Read = Callable[[bytes, str, ActionsRun], HealthReport]


class Actions(Protocol):
    """GitHub Actions in one repository."""

    async def runs(self, commit: str) -> Sequence[ActionsRun]:
        """Return the runs of our workflow for `commit`."""
        ...

    async def run_again(self, run: ActionsRun) -> None:
        """Ask for another attempt of a run that has ended."""
        ...

    async def artifact(self, run: ActionsRun) -> bytes | None:
        """Return the artifact of the run, None where it left none.

        Raises:
            InvalidValueError: It is larger than any honest one.
        """
        ...

    async def trouble(self, commit: str, run: ActionsRun | None) -> Trouble:
        """Return what GitHub says of a run that left nothing, or of none having come."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one look found."""

    run: ActionsRun | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionsVerifier:
    """The port `Prover`; `again` asks for another attempt where the commit's run has ended already.

    `read` makes a report of an artifact for a commit and a run, or raises InvalidValueError.
    """

    actions: Actions
    steps: Steps
    mail: Mail
    read: Read
    again: bool = False
    patience: Patience = PATIENCE

    async def prove(self, name: str, branch: str, commit: str) -> HealthReport:
        """Wait for the workflow's run of `commit`, and return what its artifact says, or why nothing is known."""
        del branch  # the push started it
        number = name.rpartition("-")[2]
        wanted = await self.steps.run(f"begin-{number}", Wanted, lambda: self._begin(commit))
        waited = 0.0
        for nap in self.patience.naps():
            seen = await self.steps.run(f"look-{number}", Seen, lambda: self._look(commit, wanted))
            why = over(seen.run, waited, self.patience)
            if why:
                return await self._told(name, commit, seen.run, why)
            if await self.mail.wait(TOPIC, nap) is None:
                waited += nap
        raise AssertionError("naps have no end")

    async def _told(self, name: str, commit: str, run: ActionsRun | None, why: Over) -> HealthReport:
        return await self.steps.run(name, HealthReport, lambda: self._conclude(commit, run, why))

    async def _begin(self, commit: str) -> Wanted:
        """Ask for another attempt, if so; twice is once: an attempt that is under way will do."""
        run = chosen(await self.actions.runs(commit), Wanted()) if self.again else None
        if run is None:
            return Wanted()
        if run.status != "completed":
            return Wanted(run_id=run.id, attempt=run.attempt)
        await self.actions.run_again(run)
        return Wanted(run_id=run.id, attempt=run.attempt + 1)

    async def _look(self, commit: str, wanted: Wanted) -> Seen:
        return Seen(run=chosen(await self.actions.runs(commit), wanted))

    async def _conclude(self, commit: str, run: ActionsRun | None, why: Over) -> HealthReport:
        """Return the artifact's report where there is one to believe, or say what stands in the way."""
        if run is None:
            return _unverified(commit, actions_words.nothing_started(await self.actions.trouble(commit, None)))
        if why == "approval":
            return _unverified(commit, actions_words.no_approval(run))
        if why == "no-runner":
            return _unverified(commit, actions_words.no_runner(await self.actions.trouble(commit, run)))
        if why == "too-long":
            return _unverified(commit, actions_words.too_long())
        if run.conclusion in _REPORTS:
            try:
                data = await self.actions.artifact(run)
                if data is not None:
                    return self.read(data, commit, run)
            except InvalidValueError as error:
                return _unverified(commit, actions_words.not_trusted(error.what))
        return _unverified(commit, actions_words.no_report(run, await self.actions.trouble(commit, run)))


def _unverified(commit: str, cause: Cause) -> HealthReport:
    return HealthReport(outcome=Outcome.UNVERIFIED, commit=commit, cause=cause)
