"""The one pull request of a branch: opened, renewed, made a draft or ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.forge.github.refusal import GitHubError
from bot.forge.github.repository_api import Need, RepositoryApi
from bot.model.policy import PATH

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

    async def labelled(self, number: int, labels: Sequence[str]) -> None:
        """Put `labels` on the pull request, beside those it has."""
        if labels:
            await self._api.ask(Need.ISSUES, "POST", f"issues/{number}/labels", json={"labels": list(labels)})

    async def ask_review(self, number: int, reviewers: Sequence[str]) -> str:
        """Ask those of `reviewers` who were not asked yet and said nothing yet; return why it is impossible, or ""."""
        if not reviewers:
            return ""
        pull = await self._api.ask(Need.PULL_REQUESTS, "GET", f"pulls/{number}")
        reviews = await self._api.listed(Need.PULL_REQUESTS, f"pulls/{number}/reviews")
        known = {str(one["login"]).casefold() for one in pull["requested_reviewers"]}
        known |= {str((one.get("user") or {}).get("login", "")).casefold() for one in reviews}
        teams = {str(one["slug"]).casefold() for one in pull["requested_teams"]}
        people = [name for name in reviewers if "/" not in name and name.casefold() not in known]
        slugs = [slug for name in reviewers if (slug := name.partition("/")[2]) and slug.casefold() not in teams]
        body = {key: names for key, names in (("reviewers", people), ("team_reviewers", slugs)) if names}
        if not body:
            return ""
        try:
            await self._api.ask(Need.PULL_REQUESTS, "POST", f"pulls/{number}/requested_reviewers", json=body)
        except GitHubError as error:
            if error.status not in {404, 422}:
                raise
            names = ", ".join(f"`{name}`" for name in (*people, *slugs))
            return (
                f"{names} could not be asked for a review: they have no access to this repository."
                f" `reviewers` in `{PATH}` names people and teams that do."
            )
        return ""

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
