"""One comment for each purpose: found by its hidden marker, made once, updated in place."""

from __future__ import annotations

from typing import Final

from bot.errors import GroundworkError
from bot.forge.github.refusal import GitHubError
from bot.forge.github.repository_api import Need, RepositoryApi

_KNOWN: Final = 10_000


class Comments:
    """The App's comments on issues and pull requests of one repository.

    A comment counts as ours only where our bot wrote it: a marker is text that anybody can copy.
    """

    def __init__(self, api: RepositoryApi, *, bot: str, known: dict[tuple[int, int, str], int] | None = None) -> None:
        """Take the API and our login; `known` keeps the ids of comments between steps, to save looking for them."""
        self._api = api
        self._bot = bot
        self._known = {} if known is None else known

    async def show(self, number: int, marker: str, text: str) -> str:
        """Make or update the comment on `number` that starts with `marker`, and return its address.

        Raises:
            GroundworkError: GitHub refused, in words.
        """
        if not text.startswith(marker):
            raise GroundworkError(f"the text of comment {marker!r} does not start with its marker")
        key = (self._api.place.repository_id, number, marker)
        found = self._known.get(key) or await self._find(number, marker)
        if found:
            path = f"issues/comments/{found}"
            made = await self._api.ask(Need.ISSUES, "PATCH", path, json={"body": text}, absent=True)
            if made is not None:
                self._remember(key, found)
                return str(made["html_url"])
            self._known.pop(key, None)  # somebody deleted it
        made = await self._api.ask(Need.ISSUES, "POST", f"issues/{number}/comments", json={"body": text})
        self._remember(key, int(made["id"]))
        return str(made["html_url"])

    async def text(self, number: int, marker: str) -> str:
        """Return the comment's text, or ""."""
        listing = await self._api.listed(Need.ISSUES, f"issues/{number}/comments")
        return next((str(c["body"]) for c in listing if self._is_ours(c) and str(c["body"]).startswith(marker)), "")

    async def react(self, path: str, content: str) -> None:
        """React to an issue (`issues/12`) or a comment (`issues/comments/34`, or `pulls/...` for one beside a line).

        Twice is once, and what is gone is left at that.
        """
        need = Need.PULL_REQUESTS if path.startswith("pulls/") else Need.ISSUES
        try:
            await self._api.ask(need, "POST", f"{path}/reactions", json={"content": content}, absent=True)
        except GitHubError as error:
            if error.status != 422:  # locked to collaborators: a reaction is a courtesy, not a result
                raise

    async def _find(self, number: int, marker: str) -> int:
        listing = await self._api.listed(Need.ISSUES, f"issues/{number}/comments")
        ours = [int(c["id"]) for c in listing if self._is_ours(c) and str(c["body"] or "").startswith(marker)]
        return ours[0] if ours else 0

    def _is_ours(self, comment: dict[str, object]) -> bool:
        user = comment.get("user")
        return isinstance(user, dict) and str(user.get("login", "")).casefold() == self._bot.casefold()

    def _remember(self, key: tuple[int, int, str], number: int) -> None:
        if len(self._known) >= _KNOWN:
            self._known.clear()
        self._known[key] = number
