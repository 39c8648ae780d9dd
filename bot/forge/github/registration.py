"""Registering the App: GitHub's manifest flow, from the form's address to what GitHub gives for the code."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from bot.errors import GroundworkError
from bot.forge.github.refusal import GitHubError, Refused, UnansweredError, in_words

_NAPS: Final = (1.0, 2.0, 4.0)  # seconds: the code cannot be had again


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The App as GitHub made it; its secrets are told once, now."""

    app_id: int
    slug: str
    owner: str
    page: str
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)

    @property
    def install(self) -> str:
        """Where the App is installed."""
        return f"{self.page}/installations/new"


def form_address(web_url: str, organisation: str, state: str) -> str:
    """Return where the manifest's form is sent, to make an App of `organisation`, or of whoever is signed in."""
    of = f"/organizations/{quote(organisation, safe='')}" if organisation else ""
    return f"{web_url}{of}/settings/apps/new?{urlencode({'state': state})}"


async def registered(api_url: str, code: str) -> Registered:
    """Give GitHub the code and take what it gives: it gives it once.

    Raises:
        GitHubError: The code is unknown, used, or older than an hour.
        GroundworkError: GitHub did not answer.
    """
    for nap in _NAPS:
        try:
            return _read(await _converted(api_url, code))
        except UnansweredError:
            await asyncio.sleep(nap)
    try:
        return _read(await _converted(api_url, code))
    except UnansweredError as error:
        raise GroundworkError(
            f"GitHub does not answer: {error}.", hint="look at the network, then start again"
        ) from error


async def _converted(api_url: str, code: str) -> Any:
    from githubkit import GitHub
    from githubkit.exception import GitHubException, RequestFailed

    path = f"/app-manifests/{quote(code, safe='')}/conversions"
    client = GitHub(base_url=api_url, user_agent="groundwork", timeout=20.0, auto_retry=False)
    try:
        return (await client.arequest("POST", path)).json()
    except RequestFailed as error:
        status = error.response.status_code
        if status >= 500:
            raise UnansweredError(str(status)) from error
        if status in {404, 422}:
            raise GitHubError(
                "GitHub does not know the code any more: it is good once, for an hour.",
                status=status,
                hint="run `groundwork setup` again, and delete the App that was made on GitHub",
            ) from error
        raise in_words(Refused(asked=f"POST {path}", status=status, body=None, headers={}), grants="") from error
    except GitHubException as error:
        raise UnansweredError(type(error).__name__) from error


def _read(made: Any) -> Registered:
    return Registered(
        app_id=int(made["id"]),
        slug=str(made["slug"]),
        owner=str((made.get("owner") or {}).get("login", "")),
        page=str(made["html_url"]),
        private_key=str(made["pem"]),
        webhook_secret=str(made["webhook_secret"]),
    )
