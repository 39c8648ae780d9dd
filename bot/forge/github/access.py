"""The App's access: its own identity, and tokens for one repository and one kind of operation, in memory only."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

from bot.errors import GroundworkError
from bot.forge.github.refusal import GitHubError, RateLimitedError, Refused, UnansweredError, in_words, ungranted

if TYPE_CHECKING:
    from githubkit import GitHub, Response
    from githubkit.exception import GitHubException
    from githubkit.typing import RetryOption

# How long a request itself waits for a rate limit; what takes longer is for the run to sleep on.
_PATIENCE: Final = timedelta(seconds=60)
_AT_LEAST: Final = timedelta(seconds=1)  # githubkit takes no wait at all for a minute
_AT_ONCE: Final = 8  # requests of one installation at a time
_PAGE: Final = 100  # entries of a list
_MARGIN: Final = 300.0  # seconds: a token this close to its end is not begun with


@dataclass(frozen=True, slots=True, kw_only=True)
class AppKey:
    """What makes us the App; `private_key` is PEM.

    Attributes:
        api_url: `https://api.github.com`, or `https://HOST/api/v3` for an Enterprise Server.
        web_url: `https://github.com`, or `https://HOST`.
    """

    app_id: int
    private_key: str = field(repr=False)
    api_url: str = "https://api.github.com"
    web_url: str = "https://github.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppIdentity:
    """Who the App is on GitHub."""

    slug: str
    name: str
    permissions: Mapping[str, str]
    events: tuple[str, ...] = ()
    bot_id: int = 0

    @property
    def bot(self) -> str:
        """The login of what the App writes."""
        return f"{self.slug}[bot]"

    def email(self, web_url: str) -> str:
        """Return the address by which GitHub shows our commits as the App's; it receives no mail."""
        number = f"{self.bot_id}+" if self.bot_id else ""
        return f"{number}{self.bot}@users.noreply.{urlsplit(web_url).hostname}"


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    ends: float


class GitHubApp:
    """Speaks to GitHub as the App, and mints what speaks as one of its installations."""

    def __init__(self, key: AppKey, *, now: Callable[[], float] = time.time) -> None:
        self.key = key
        self.now = now
        self._clients: dict[int, GitHub[Any]] = {}
        self._tokens: dict[tuple[int, int | str, str], _Token] = {}

    async def identity(self) -> AppIdentity:
        """Ask GitHub who we are.

        Raises:
            GroundworkError: It does not know us, or cannot be reached.
        """
        about = await self.ask("GET", "/app")
        return AppIdentity(
            slug=str(about["slug"]),
            name=str(about["name"]),
            permissions=dict(about.get("permissions") or {}),
            events=tuple(about.get("events") or ()),
            bot_id=await self._bot_id(str(about["slug"])),
        )

    async def _bot_id(self, slug: str) -> int:
        """Return the number of our bot's account; 0 where GitHub does not tell, as behind a login."""
        from githubkit import GitHub

        public = GitHub(base_url=self.key.api_url, user_agent="groundwork", timeout=10.0, auto_retry=False)
        try:
            return int((await self.request(public, "GET", f"/users/{quote(f'{slug}[bot]')}"))["id"])
        except (GroundworkError, UnansweredError):
            return 0

    async def ask(self, method: str, path: str, *, params: Mapping[str, str | int] | None = None) -> Any:
        """Ask as the App itself, for none of its installations, and return the JSON.

        Raises:
            GroundworkError: GitHub said no.
            UnansweredError: It did not answer.
        """
        return await self.request(self._as_app(0), method, path, params=params)

    async def token(self, installation: int, repository: int | str, permissions: Mapping[str, str]) -> str:
        """Return a token of `installation` for `repository` (its id, or its bare name) with exactly `permissions`.

        Raises:
            GroundworkError: The installation is gone, suspended, or has not granted them.
        """
        key = (installation, repository, ",".join(f"{name}:{level}" for name, level in sorted(permissions.items())))
        known = self._tokens.get(key)
        if known and known.ends - self.now() > _MARGIN:
            return known.value
        which = "repositories" if isinstance(repository, str) else "repository_ids"
        body = {"permissions": dict(permissions), which: [repository]}
        path = f"/app/installations/{installation}/access_tokens"
        try:
            made = await self.request(self._as_app(installation), "POST", path, json=body)
        except GitHubError as error:
            raise await self._ungranted(installation, permissions, error) from error
        ends = datetime.fromisoformat(made["expires_at"]).timestamp()
        self._tokens = {k: token for k, token in self._tokens.items() if token.ends > self.now()}
        self._tokens[key] = _Token(str(made["token"]), ends)
        return str(made["token"])

    async def _ungranted(self, installation: int, wanted: Mapping[str, str], error: GitHubError) -> GitHubError:
        """Return `error` in better words, where it is that the installation has not granted what is wanted."""
        if error.status != 422:
            return error
        about = await self.ask("GET", f"/app/installations/{installation}")
        owner = str((about.get("account") or {}).get("login", "")) if about.get("target_type") == "Organization" else ""
        page = str(about.get("html_url") or self.grants(owner, installation))
        return ungranted(wanted, about.get("permissions") or {}, page=page) or error

    async def client(self, installation: int, repository: int | str, permissions: Mapping[str, str]) -> GitHub[Any]:
        """Return a client that speaks with such a token."""
        from githubkit import TokenAuthStrategy

        token = await self.token(installation, repository, permissions)
        return self._as_app(installation).with_auth(TokenAuthStrategy(token))

    async def request(
        self,
        client: GitHub[Any],
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str | int] | None = None,
        grants: str = "",
    ) -> Any:
        """Ask, and return the JSON of the answer (None for an empty one).

        Raises:
            GitHubError: GitHub said no.
            RateLimitedError: It wants to be left alone for longer than a minute.
            UnansweredError: It did not answer, or failed inside.
        """
        return _json((await self._answer(client, method, path, json=json, params=params, grants=grants)).text)

    async def pages(self, path: str, *, most: int) -> AsyncIterator[list[Any]]:
        """Ask as the App itself for a list, and yield its pages, `most` of them; more are asked for as they are wanted.

        Raises:
            GroundworkError: GitHub said no.
            UnansweredError: It did not answer.
        """
        params: dict[str, str | int] = {"per_page": _PAGE}
        for _ in range(most):
            answer = await self._answer(self._as_app(0), "GET", path, params=params)
            yield _json(answer.text) or []
            following = answer.raw_response.links.get("next", {}).get("url", "")
            if not following:
                return
            # What the link says of the next page, and never another place: the request is signed as the App.
            params = dict(parse_qsl(urlsplit(following).query))

    async def _answer(
        self,
        client: GitHub[Any],
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str | int] | None = None,
        grants: str = "",
    ) -> Response[Any, Any]:
        from githubkit.exception import RateLimitExceeded, RequestError, RequestFailed

        try:
            return await client.arequest(method, path, json=json, params=dict(params) if params else None)
        except RateLimitExceeded as error:
            raise RateLimitedError(error.retry_after.total_seconds()) from error
        except RequestFailed as error:
            status = error.response.status_code
            if status >= 500:
                raise UnansweredError(f"{method} {path}: {status}") from error
            refused = Refused(
                asked=f"{method} {path}",
                status=status,
                body=_json(error.response.text),
                headers={name.lower(): value for name, value in error.response.headers.items()},
            )
            if refused.too_often:
                raise RateLimitedError(_PATIENCE.total_seconds()) from error
            raise in_words(refused, grants=grants or self.grants()) from error
        except RequestError as error:
            cause = type(error.__cause__).__name__ if error.__cause__ else "no answer"
            raise UnansweredError(f"{method} {path}: {cause}") from error

    def grants(self, organisation: str = "", installation: int = 0) -> str:
        """Return where an owner grants permissions."""
        of = f"/organizations/{organisation}" if organisation else ""
        return f"{self.key.web_url}{of}/settings/installations{f'/{installation}' if installation else ''}"

    def _as_app(self, installation: int) -> GitHub[Any]:
        """Return the client of `installation` that signs as the App; its requests share a bound."""
        if installation not in self._clients:
            from githubkit import AppAuthStrategy, GitHub
            from githubkit.throttling import LocalThrottler

            from bot.forge.github.answers import KeptAnswers

            self._clients[installation] = GitHub(
                AppAuthStrategy(self.key.app_id, self.key.private_key),
                base_url=self.key.api_url,
                user_agent="groundwork",
                timeout=30.0,
                throttler=LocalThrottler(_AT_ONCE),
                cache_strategy=KeptAnswers(),
                auto_retry=_once_when_told,
            )
        return self._clients[installation]


def _once_when_told(error: GitHubException, tries: int) -> RetryOption:
    """Wait for a rate limit as its headers say, once, if that is soon; all else is for the step to decide."""
    from githubkit.exception import RateLimitExceeded
    from githubkit.typing import RetryOption

    if tries == 0 and isinstance(error, RateLimitExceeded) and error.retry_after <= _PATIENCE:
        return RetryOption(do_retry=True, retry_after=max(error.retry_after, _AT_LEAST))
    return RetryOption(do_retry=False)


def _json(text: str) -> Any:
    import json

    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def key_problem(private_key: str) -> str:
    """Return why `private_key` cannot sign, as a clause, or ""."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if "-----BEGIN" not in private_key:
        return "it is no PEM, whose first line is BEGIN RSA PRIVATE KEY between dashes"
    try:
        key = load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError):
        return "the PEM is damaged, cut off, or under a password"
    return "" if isinstance(key, RSAPrivateKey) else "it is no RSA key, and GitHub takes no other"
