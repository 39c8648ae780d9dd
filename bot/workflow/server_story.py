"""What a server runs durably: jobs at the desk, runs of issues, and their drafts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.job.kinds import Job
from bot.model.codec import from_builtins
from bot.workflow.desk import Desk
from bot.workflow.draft import Draft, Drafter, Order
from bot.workflow.issue_run import IssueRuns, RunOrder
from bot.workflow.ports import Steps
from bot.workflow.site import Runs


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStory:
    """The durable story: everything in and out is JSON builtins."""

    desk: Desk
    issue_runs: IssueRuns

    async def handle(self, job: Any, steps: Steps, runs: Runs) -> Any:
        """Do one accepted job."""
        return await self.desk.handle(from_builtins(Job, job), steps, runs)

    async def run(self, job: Any, steps: Steps, drafter: Drafter, mail: object) -> Any:
        """Tell one run."""
        del mail
        order = from_builtins(RunOrder, job)
        return await self.issue_runs.run(order.job, order.run_id, steps, drafter)

    async def draft(self, job: Any, order: Order, name: str, steps: Steps) -> Draft:
        """Write one draft."""
        return await self.issue_runs.draft(from_builtins(RunOrder, job).job, order, name, steps)
