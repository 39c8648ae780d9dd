"""The one pull request of a branch: opened, renewed, made a draft or ready."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from bot.forge.github.refusal import GitHubError
from bot.forge.github.repository_api import Need, RepositoryApi

_READY: Final = "mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { clientMutationId } }"
_DRAFT: Final = "mutation($id: ID!) { convertPullRequestToDraft(input: {pullRequestId: $id}) { clientMutationId } }"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """What a pull request is to say."""

    branch: str
    base: str
    title: str
    body: str
    draft: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A pull request that is there; `url` is for people."""

    number: int
    url: str
    draft: bool


class Pulls:
    """The App's pull requests in one repository."""

    def __init__(self, api: RepositoryApi) -> None:
        self._api = api

    async def propose(self, pull: Pull) -> Opened:
        """Open the pull request of `pull.branch`, or renew the one that is open; twice is once.

        Raises:
            GroundworkError: GitHub refused, in words.
        """
        found = await self._open(pull.branch)
        if found is None:
            return _opened(await self._made(pull))
        body = {"title": pull.title, "body": pull.body}
        if found["title"] != pull.title or found["body"] != pull.body:
            found = await self._api.ask(Need.PULL_REQUESTS, "PATCH", f"pulls/{found['number']}", json=body)
        if bool(found["draft"]) != pull.draft:
            await self._switch(str(found["node_id"]), draft=pull.draft)
        return Opened(number=int(found["number"]), url=str(found["html_url"]), draft=pull.draft)

    async def number(self, branch: str) -> int:
        """Return the number of the open pull request of `branch`, or 0."""
        found = await self._open(branch)
        return int(found["number"]) if found else 0

    async def _open(self, branch: str) -> Any | None:
        head = f"{self._api.place.owner}:{branch}"
        listing = await self._api.ask(Need.PULL_REQUESTS, "GET", "pulls", params={"head": head, "state": "open"})
        # GitHub ignores a `head` it cannot read, and then lists everything.
        return next((found for found in listing if found["head"]["ref"] == branch), None)

    async def _made(self, pull: Pull) -> Any:
        body = {"title": pull.title, "body": pull.body, "head": pull.branch, "base": pull.base, "draft": pull.draft}
        try:
            return await self._api.ask(Need.PULL_REQUESTS, "POST", "pulls", json=body)
        except GitHubError as error:
            # Private repositories of free plans have no drafts: an open one that says so is the next best.
            if not (error.status == 422 and pull.draft and "draft" in error.what.lower()):
                raise
            return await self._api.ask(Need.PULL_REQUESTS, "POST", "pulls", json={**body, "draft": False})

    async def _switch(self, node: str, *, draft: bool) -> None:
        try:
            await self._api.graphql(Need.PULL_REQUESTS, _DRAFT if draft else _READY, {"id": node})
        except GitHubError as error:
            if not (draft and "draft" in error.what.lower()):
                raise


def _opened(found: Any) -> Opened:
    return Opened(number=int(found["number"]), url=str(found["html_url"]), draft=bool(found["draft"]))
