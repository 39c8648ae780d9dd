"""What a server runs durably: jobs at the desk, runs of issues, and their drafts."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Final

from bot.job.kinds import Job
from bot.model.codec import from_builtins
from bot.workflow.desk import Desk
from bot.workflow.draft import Draft, Drafter, Order
from bot.workflow.issue_run import IssueRuns, RunOrder
from bot.workflow.ports import Mail, Steps
from bot.workflow.revision_run import RevisionRuns
from bot.workflow.site import Runs

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStory:
    """The durable story: everything in and out is JSON builtins."""

    desk: Desk
    issue_runs: IssueRuns
    revisions: RevisionRuns

    async def handle(self, job: Any, steps: Steps, runs: Runs) -> Any:
        """Do one accepted job."""
        accepted = from_builtins(Job, job)
        became = await self.desk.handle(accepted, steps, runs)
        _LOG.info("job %s: %s", accepted.key, became)
        return became

    async def run(self, job: Any, steps: Steps, drafter: Drafter, mail: Mail) -> Any:
        """Tell one run."""
        order = from_builtins(RunOrder, job)
        if order.pull:
            ended = await self.revisions.run(order, steps, drafter, mail)
        else:
            ended = await self.issue_runs.run(order.job, order.run_id, steps, drafter, mail)
        _LOG.info("run %s ended: %s", order.run_id, ended)
        return ended

    async def draft(self, job: Any, order: Order, name: str, steps: Steps) -> Draft:
        """Write one draft."""
        return await self.issue_runs.draft(from_builtins(RunOrder, job).job, order, name, steps)
