"""The run of a revision on a server: it waits until people have said all they mean to, and for its turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.errors import GroundworkError
from bot.model.policy import Policy
from bot.report import run_comment
from bot.workflow.draft import Drafter
from bot.workflow.issue_run import Alive, Link, RunOrder, no_page, run_prefix
from bot.workflow.ports import Mail, Steps
from bot.workflow.revise import Revised, Revising, revise
from bot.workflow.site import Site, Sites
from bot.workflow.told import ToldDrafter, ToldSteps, told_or_logged

# How the ids of revisions go on, after those of all runs of their issue.
REVISION: Final = "revise-"
# What a waiting revision listens to; whoever stops it sends a message there.
TOPIC: Final = "turn"
_FIRST_NAP: Final = 2.0
_LONGEST_NAP: Final = 60.0

Unfinished = Callable[[str], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRuns:
    """Tells revisions.

    Attributes:
        alive: Says whether a run, by its id, has not been stopped meanwhile.
        unfinished: Lists unfinished runs by the beginning of their ids, oldest first.
        quiet: Seconds without another review after which a revision begins.
    """

    sites: Sites
    alive: Alive
    unfinished: Unfinished
    quiet: float
    link: Link = no_page

    async def run(self, order: RunOrder, steps: Steps, drafter: Drafter, mail: Mail) -> str:
        """Revise the pull request of `order`, and return how that ended.

        Raises:
            GroundworkError: The order has no issue.
        """
        if order.job.issue is None:
            raise GroundworkError(f"{order.job.key} has no issue to work on")
        if not await self._turn(order, steps, mail):
            return "joined a later review"
        job, site = order.job, self.sites.at(order.job)
        said = await steps.run("before", str, lambda: site.conversation.shown(job.number, run_comment.MARKER))

        async def tell(done: Sequence[str], now: str) -> None:
            text = run_comment.following(run_comment.working(done, now), self.link(order.run_id))
            await self._show(site, order, text)

        told = ToldSteps(steps, tell)
        try:
            policy = await steps.run("policy", Policy, site.policy)
            ports = site.ports(told, ToldDrafter(drafter, told, plain=steps, tell=tell), policy, mail)
            about = Revising(
                issue=order.job.issue,
                pull=order.pull,
                branch=job.branch,
                rounds=policy.rounds,
                attempts=policy.attempts,
            )
            revised = await revise(about, ports, site.reviews, steps)
        except GroundworkError as error:
            text, outcome = run_comment.failed(error.what, error.hint), "failed"
        else:
            text, outcome = _ended(revised, said)

        async def tell_end() -> str:
            if text:
                await told_or_logged(job, self._show(site, order, text))
            return outcome

        return await steps.run("tell-end", str, tell_end)

    async def _turn(self, order: RunOrder, steps: Steps, mail: Mail) -> bool:
        """Wait until it is quiet and no older run of the issue is on; False where a later review takes all."""
        prefix, nap = run_prefix(order.job), _FIRST_NAP
        await mail.wait(TOPIC, self.quiet)
        while True:
            on = await steps.run("turn", list[str], lambda: self.unfinished(prefix))
            mine = on.index(order.run_id) if order.run_id in on else len(on)
            if any(other.startswith(f"{prefix}{REVISION}") for other in on[mine + 1 :]):
                return False
            if not mine or order.run_id not in on:
                return True
            await mail.wait(TOPIC, nap)
            nap = min(2 * nap, _LONGEST_NAP)

    async def _show(self, site: Site, order: RunOrder, text: str) -> None:
        if await self.alive(order.run_id):
            await site.conversation.show(order.job.number, run_comment.MARKER, text)


def _ended(revised: Revised, said: str) -> tuple[str, str]:
    """Return the status comment and the outcome; where nothing was changed, the comment says what it said before."""
    if not revised.asked:
        return said, "nothing was waiting"
    if revised.proposed is None:
        return said, f"answered {revised.asked}"
    text = run_comment.proposed(revised.proposed.proposal, revised.proposed.where)
    return text, f"revised {revised.done} of {revised.asked}"
