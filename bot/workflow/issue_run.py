"""The run of an issue on a server: the story, told on the issue as it goes, and its end in words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.errors import GroundworkError
from bot.job.kinds import Job, JobKind
from bot.model.policy import Policy
from bot.report import run_comment
from bot.workflow.as_it_is import AsItIs
from bot.workflow.draft import Draft, Drafter, Order
from bot.workflow.implement import Nothing, Proposed, implement
from bot.workflow.ports import Mail, Steps
from bot.workflow.site import Site, Sites
from bot.workflow.told import ToldDrafter, ToldSteps, told_or_logged

# What a person pushed is verified as it is, not built upon.
_VERIFY_ONLY: Final = frozenset({JobKind.VERIFY, JobKind.HEAD_MOVED})
Alive = Callable[[str], Awaitable[bool]]
Link = Callable[[str], str]


def no_page(_run_id: str) -> str:
    """Return no address: runs have no page where nobody could open it."""
    return ""


def run_prefix(job: Job) -> str:
    """Return how the ids of all runs of the job's issue begin."""
    return f"run/{job.repository_id}/{job.number}/"


def subject(job: Job) -> str:
    """Return what only one run may work on at a time."""
    return f"{job.repository_id}#{job.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """What a run is started with: its own id, the job that asked for it, and the pull request it revises, or 0."""

    run_id: str
    job: Job
    pull: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRuns:
    """Tells runs; `alive` says whether a run, by its id, has not been stopped meanwhile; `link` where it is shown."""

    sites: Sites
    alive: Alive
    link: Link = no_page

    async def run(self, job: Job, run_id: str, steps: Steps, drafter: Drafter, mail: Mail) -> str:
        """Run the story for `job.issue` and tell it on the issue; return how it ended, one word.

        Raises:
            GroundworkError: The job has no issue.
        """
        if job.issue is None:
            raise GroundworkError(f"{job.key} has no issue to work on")
        site = self.sites.at(job)

        async def tell(done: Sequence[str], now: str) -> None:
            await self._show(site, job, run_id, run_comment.working(done, now))

        told = ToldSteps(steps, tell)
        try:
            policy = await steps.run("policy", Policy, site.policy)
            ports = site.ports(told, ToldDrafter(drafter, told, plain=steps, tell=tell), policy, mail)
            attempts, as_it_is = policy.attempts, job.kind in _VERIFY_ONLY
            if as_it_is:
                ports, attempts = replace(ports, drafter=AsItIs(ports.workspaces, ports.checker, told)), 1
            ended = await implement(job.issue, ports, attempts=attempts, merging=not as_it_is)
        except GroundworkError as error:
            text, outcome = run_comment.failed(error.what, error.hint), "failed"
        else:
            text, outcome = _ended(ended)

        async def tell_end() -> str:
            await told_or_logged(job, self._show(site, job, run_id, text))
            return outcome

        return await steps.run("tell-end", str, tell_end)

    async def draft(self, job: Job, order: Order, name: str, steps: Steps) -> Draft:
        """Write one draft, as a child of the run of `job`."""
        site = self.sites.at(job)
        policy = await steps.run("policy", Policy, site.policy)
        return await site.ports(steps, None, policy).drafter.draft(name, order)

    async def _show(self, site: Site, job: Job, run_id: str, text: str) -> None:
        # A run that was stopped meanwhile must not write over the words that say so.
        if await self.alive(run_id):
            followed = run_comment.following(text, self.link(run_id))
            await site.conversation.show(job.number, run_comment.MARKER, followed)


def _ended(ended: Proposed | Nothing) -> tuple[str, str]:
    if isinstance(ended, Nothing) and ended.engine:
        return run_comment.ended_early(ended.engine, ended.reason), "failed"
    if isinstance(ended, Nothing):
        return run_comment.nothing(ended.reason, ended.instead), "nothing"
    text = run_comment.proposed(ended.proposal, ended.where)
    return text, "draft" if ended.proposal.draft else "ready"
