"""What the server's story needs of a forge beyond a run's ports: to listen, to answer, and to open a repository."""

from __future__ import annotations

from typing import Any, Protocol

from bot.job.admit import Permission
from bot.job.kinds import Job
from bot.model.ask import Ask, Asked
from bot.model.policy import Policy
from bot.model.pull import PullView
from bot.workflow.draft import Drafter
from bot.workflow.implement import Ports
from bot.workflow.ports import Mail, Steps


class Conversation(Protocol):
    """What is said to people in one repository; each call may run twice and leaves one of everything."""

    async def permission(self, login: str) -> Permission:
        """Return what `login` may do in the repository."""
        ...

    async def seen(self, job: Job) -> None:
        """Show, at once, that what the job came from was read."""
        ...

    async def show(self, number: int, marker: str, text: str) -> None:
        """Make or update the one comment on `number` that starts with `marker`."""
        ...

    async def shown(self, number: int, marker: str) -> str:
        """Return that comment's text, or ""."""
        ...

    async def pull(self, number: int) -> PullView:
        """Return a pull request, as far as we look at it."""
        ...

    async def pull_of(self, branch: str, head: str) -> PullView:
        """Return the open pull request of `branch`, or, without one, that of the commit `head`."""
        ...

    async def labelled(self, name: str) -> None:
        """Make the label `name`, where the repository has none."""
        ...


class Reviews(Protocol):
    """What people ask of our pull requests; each call may run twice and leaves one answer to everything."""

    async def approves(self, number: int, review: int) -> bool:
        """Return whether the review is an approval."""
        ...

    async def waiting(self, number: int) -> Asked:
        """Return what people who may ask have asked, and nobody answered yet."""
        ...

    async def answer(self, number: int, ask: Ask, text: str, *, round_: int) -> None:
        """Answer `ask` where it was written."""
        ...

    async def resolve(self, number: int, ask: Ask) -> None:
        """Mark the thread of `ask` as resolved."""
        ...


class Site(Protocol):
    """One repository, through one installation."""

    @property
    def conversation(self) -> Conversation:
        """What is said there."""
        ...

    @property
    def reviews(self) -> Reviews:
        """What people ask there of our pull requests."""
        ...

    async def policy(self) -> Policy:
        """Return what the repository and its owner want, within what the server allows.

        Raises:
            GroundworkError: Their configuration is wrong; in words, with the line.
        """
        ...

    def ports(self, steps: Steps, drafter: Drafter | None, policy: Policy, mail: Mail | None = None) -> Ports:
        """Return what a run needs; without a drafter, drafts are written as steps of their own.

        With `mail`, a verification may be waited for elsewhere than in a step.

        Raises:
            GroundworkError: The policy asks for what this server does not have.
        """
        ...


class Sites(Protocol):
    """Opens repositories."""

    def at(self, job: Job) -> Site:
        """Return the repository of `job`; nothing is fetched or asked yet."""
        ...

    def named(self, installation: int, name: str) -> Conversation:
        """Return what is said in `owner/name`, where no more than its name is known."""
        ...


class Runs(Protocol):
    """The durable runs, as far as a job may touch them."""

    async def start(self, job: Any, *, run_id: str, subject: str, organisation: str) -> str:
        """Start a run, once for each `run_id` and unfinished `subject`; return the id of the run that is on."""
        ...

    async def cancel(self, run_id: str, *, topics: tuple[str, ...], key: str) -> None:
        """Cancel a run and its drafts."""
        ...

    async def tell(self, run_id: str, topic: str, message: Any, *, key: str) -> None:
        """Send a run a message; the same `key` is delivered once."""
        ...

    async def unfinished(self, prefix: str) -> list[str]:
        """Return the unfinished runs whose ids start with `prefix`, oldest first."""
        ...

    async def last(self, prefix: str) -> dict[str, Any]:
        """Return what the newest run whose id starts with `prefix` was started with; empty where there is none."""
        ...
