"""Requests to one repository, each with a token for exactly the permission it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final
from urllib.parse import quote

from bot.forge.github.access import GitHubApp
from bot.forge.github.refusal import GitHubError, RateLimitedError

_PAGE: Final = 100
_MINUTE: Final = 60.0  # seconds; GraphQL does not tell how long its limit lasts
_MOST_PAGES: Final = 30  # of a listing; 3,000 comments


class Need(Enum):
    """What a request needs; `app.yml` asks for the union of these, and a token for one of them."""

    METADATA = (("metadata", "read"),)
    READ_CONTENTS = (("contents", "read"),)
    CONTENTS = (("contents", "write"),)
    CONTENTS_AND_WORKFLOWS = (("contents", "write"), ("workflows", "write"))
    ISSUES = (("issues", "write"),)
    PULL_REQUESTS = (("pull_requests", "write"),)
    # A thread is resolved by who may write: GitHub asks for both.
    THREADS = (("contents", "write"), ("pull_requests", "write"))
    CHECKS = (("checks", "write"),)
    ACTIONS = (("actions", "write"),)

    @property
    def permissions(self) -> Mapping[str, str]:
        """Permission to level, as a token is asked for."""
        return dict(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A repository, and the installation through which we work there; `repository_id` is 0 where unknown."""

    installation: int
    repository_id: int
    name: str

    @property
    def owner(self) -> str:
        """Whose it is."""
        return self.name.partition("/")[0]

    @property
    def token_for(self) -> int | str:
        """By what a token is asked for: its id, which outlives a renaming, or its bare name."""
        return self.repository_id or self.name.partition("/")[2]


class RepositoryApi:
    """GitHub's REST API below `/repos/{owner}/{repo}`."""

    def __init__(self, app: GitHubApp, place: Place) -> None:
        self.app = app
        self.place = place

    async def ask(
        self,
        need: Need,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str | int] | None = None,
        absent: bool = False,
    ) -> Any:
        """Ask for `path` within the repository and return the JSON; None for nothing there, where `absent` allows it.

        Raises:
            GroundworkError: GitHub said no; in words.
            UnansweredError: It did not answer.
        """
        client = await self.app.client(self.place.installation, self.place.token_for, need.permissions)
        whole = f"/repos/{self.place.name}/{path}" if path else f"/repos/{self.place.name}"
        grants = self.app.grants(self.place.owner, self.place.installation)
        try:
            return await self.app.request(client, method, whole, json=json, params=params, grants=grants)
        except GitHubError as error:
            if absent and error.absent:
                return None
            raise

    async def graphql(self, need: Need, query: str, variables: Mapping[str, Any]) -> Any:
        """Send a GraphQL request and return its data.

        Raises:
            GitHubError: It was refused.
        """
        client = await self.app.client(self.place.installation, self.place.token_for, need.permissions)
        url = f"{self.app.key.api_url.removesuffix('/v3')}/graphql"  # an Enterprise Server has it beside /v3
        answer = await self.app.request(client, "POST", url, json={"query": query, "variables": dict(variables)})
        if errors := answer.get("errors"):
            if errors[0].get("type") == "RATE_LIMITED":
                raise RateLimitedError(_MINUTE)
            raise GitHubError(f"GitHub refused: {errors[0].get('message', 'no reason given')}", status=200)
        return answer.get("data")

    async def listed(self, need: Need, path: str, *, params: Mapping[str, str | int] | None = None) -> list[Any]:
        """Return all entries of a listing, page by page, up to a bound that no honest repository reaches."""
        found: list[Any] = []
        for page in range(1, _MOST_PAGES + 1):
            more = await self.ask(need, "GET", path, params={**(params or {}), "per_page": _PAGE, "page": page})
            found += more
            if len(more) < _PAGE:
                break
        return found


def segment(text: str) -> str:
    """Return `text` as one segment of a path: logins, labels and branch names may hold anything."""
    return quote(text, safe="")
