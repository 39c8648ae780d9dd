"""What is said to people in one repository: reactions, answers, and who may ask."""

from __future__ import annotations

from typing import Any, Final, cast

from bot.forge.github.comments import Comments
from bot.forge.github.pulls import Pulls
from bot.forge.github.refusal import GitHubError
from bot.forge.github.repository_api import Need, RepositoryApi, segment
from bot.job.admit import Permission
from bot.job.kinds import Job
from bot.model.pull import PullView

_LEVELS: Final = frozenset({"admin", "maintain", "write", "triage", "read", "none"})


class RepositoryConversation:
    """One repository's issues and pull requests."""

    def __init__(self, api: RepositoryApi, comments: Comments) -> None:
        self._api = api
        self._comments = comments

    async def permission(self, login: str) -> Permission:
        """Return what `login` may do; `none` for who is no collaborator, or no user at all."""
        path = f"collaborators/{segment(login)}/permission"
        found = await self._api.ask(Need.METADATA, "GET", path, absent=True)
        if not found:
            return "none"
        # An organisation's own roles have names of their own; `permission` is the level they come down to.
        level = found.get("role_name") if found.get("role_name") in _LEVELS else found.get("permission")
        return cast("Permission", level if level in _LEVELS else "none")

    async def seen(self, job: Job) -> None:
        """React with eyes to the comment that asked, or to the issue or pull request."""
        where = "pulls" if job.review else "issues"
        about = f"{where}/comments/{job.comment}" if job.comment else f"issues/{job.number}"
        await self._comments.react(about, "eyes")

    async def show(self, number: int, marker: str, text: str) -> None:
        """Make or update the one comment on `number` that starts with `marker`."""
        await self._comments.show(number, marker, text)

    async def pull(self, number: int) -> PullView:
        """Return a pull request; an empty view for what is none."""
        found = await self._api.ask(Need.PULL_REQUESTS, "GET", f"pulls/{number}", absent=True)
        return _view(found) if found else PullView()

    async def pull_of(self, branch: str, head: str) -> PullView:
        """Return the open pull request of `branch`, or, without one, that of the commit `head`."""
        if branch:
            number = await Pulls(self._api).number(branch)
            return await self.pull(number) if number else PullView()
        listing = await self._api.ask(Need.PULL_REQUESTS, "GET", f"commits/{head}/pulls", absent=True) or ()
        return next((_view(found) for found in listing if found["state"] == "open"), PullView())

    async def labelled(self, name: str) -> None:
        """Make the label `name`, where the repository has none."""
        body = {"name": name, "color": "0e8a16", "description": "Groundwork builds what this issue asks for"}
        try:
            await self._api.ask(Need.ISSUES, "POST", "labels", json=body)
        except GitHubError as error:
            if error.status != 422:  # it is there already, in whatever colour people like
                raise

    async def shown(self, number: int, marker: str) -> str:
        """Return that comment's text, or ""."""
        return await self._comments.text(number, marker)


def _view(found: Any) -> PullView:
    return PullView(
        number=int(found["number"]),
        branch=str(found["head"]["ref"]),
        head=str(found["head"]["sha"]),
        open=found["state"] == "open",
    )
