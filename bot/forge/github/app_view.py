"""The App as GitHub has it: its page, its installations, its webhook, and how deliveries fared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final

from bot.forge.github.access import GitHubApp
from bot.forge.github.refusal import UnansweredError

_PAGE: Final = 100
_MOST_PAGES: Final = 20  # of installations
_RECENT: Final = 30  # deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The App itself; `page` is where its owner changes it."""

    slug: str
    name: str
    page: str
    install: str
    permissions: Mapping[str, str]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One installation; `page` is where an owner of the account changes it."""

    id: int
    account: str
    selection: str
    page: str
    permissions: Mapping[str, str]
    events: tuple[str, ...]
    suspended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """The webhook's settings."""

    url: str
    content_type: str
    has_secret: bool
    checks_certificate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One delivery, as GitHub saw it: `code` is what we answered, 0 or a code of its own where nobody did."""

    id: int
    event: str
    at: str
    code: int
    status: str

    @property
    def well(self) -> bool:
        """Whether it was taken."""
        return 200 <= self.code < 300


class AppView:
    """Asks GitHub about the App."""

    def __init__(self, app: GitHubApp) -> None:
        self._app = app

    async def has_action(self, action: str, installed: Sequence[Installed]) -> bool:
        """Return whether the action that workflows are to name is there, as far as the App may look."""
        from bot.forge.github.action_view import action_is_there

        return await action_is_there(self._app, action, installed)

    async def about(self) -> About:
        """Return the App.

        Raises:
            GroundworkError: GitHub does not take the credentials; which of them is said, where it tells.
        """
        found = await self._app.ask("GET", "/app")
        owner, slug, web = found.get("owner") or {}, str(found["slug"]), self._app.key.web_url
        of = f"/organizations/{owner['login']}" if owner.get("type") == "Organization" else ""
        return About(
            slug=slug,
            name=str(found["name"]),
            page=f"{web}{of}/settings/apps/{slug}",
            install=f"{web}/apps/{slug}/installations/new",
            permissions=dict(found.get("permissions") or {}),
            events=tuple(found.get("events") or ()),
        )

    async def installations(self) -> tuple[Installed, ...]:
        """Return where the App is installed."""
        found: list[Any] = []
        for page in range(1, _MOST_PAGES + 1):
            more = await self._app.ask("GET", "/app/installations", params={"per_page": _PAGE, "page": page})
            found += more
            if len(more) < _PAGE:
                break
        return tuple(self._installed(one) for one in found)

    def _installed(self, one: Any) -> Installed:
        account = str((one.get("account") or {}).get("login") or "?")
        organisation = account if one.get("target_type") == "Organization" else ""
        return Installed(
            id=int(one["id"]),
            account=account,
            selection=str(one.get("repository_selection", "")),
            page=str(one.get("html_url") or self._app.grants(organisation, int(one["id"]))),
            permissions=dict(one.get("permissions") or {}),
            events=tuple(one.get("events") or ()),
            suspended=bool(one.get("suspended_at")),
        )

    async def hook(self) -> Hook:
        """Return the webhook's settings; of its secret GitHub tells no more than that there is one."""
        found = await self._app.ask("GET", "/app/hook/config")
        return Hook(
            url=str(found.get("url") or ""),
            content_type=str(found.get("content_type") or ""),
            has_secret=bool(found.get("secret")),
            checks_certificate=str(found.get("insecure_ssl", "0")) == "0",
        )

    async def deliveries(self) -> tuple[Delivered, ...]:
        """Return the last deliveries, the newest first."""
        found = await self._app.ask("GET", "/app/hook/deliveries", params={"per_page": _RECENT})
        return tuple(
            Delivered(
                id=int(one["id"]),
                event=f"{one['event']}{'.' + one['action'] if one.get('action') else ''}",
                at=str(one["delivered_at"]),
                code=int(one.get("status_code") or 0),
                status=str(one.get("status") or ""),
            )
            for one in found
        )

    async def clock(self) -> float:
        """Return by how many seconds this machine's clock is ahead of GitHub's.

        Raises:
            UnansweredError: GitHub does not answer, or does not tell the time.
        """
        from githubkit import GitHub
        from githubkit.exception import GitHubException, RequestFailed

        # No credentials: a clock that is wrong spoils them. No cache: its answers would be of another time.
        client = GitHub(
            base_url=self._app.key.api_url, user_agent="groundwork", timeout=10.0, auto_retry=False, http_cache=False
        )
        try:
            headers = (await client.arequest("GET", "/meta")).headers
        except RequestFailed as error:
            headers = error.response.headers
        except GitHubException as error:
            cause = error.__cause__ or error
            raise UnansweredError(str(cause) or type(cause).__name__) from error
        if "date" not in headers:
            raise UnansweredError("it does not tell the time")
        return self._app.now() - parsedate_to_datetime(headers["date"]).timestamp()
