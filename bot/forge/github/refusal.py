"""What GitHub refuses, in words for a person: what happened, why, and where to change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.errors import GroundworkError, NotNowError

# Longest text of GitHub's that is repeated.
_SAID: Final = 300
_INVALID: Final = "Validation Failed"  # what it says first of any request that it cannot do; the reason comes after
_LEVELS: Final = ("read", "write", "admin")


class GitHubError(GroundworkError):
    """GitHub refused a request; `status` is the HTTP status, `absent` tells that it found nothing there."""

    def __init__(self, what: str, *, status: int, hint: str = "", absent: bool = False) -> None:
        super().__init__(what, hint=hint)
        self.status = status
        self.absent = absent


class RateLimitedError(NotNowError):
    """GitHub asks to wait longer than a request may; `seconds` until it will listen again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"GitHub's rate limit is reached; it listens again in {_duration(seconds)}.",
            seconds=seconds,
            hint="write `/infra run` after that time",
        )


class UnansweredError(Exception):
    """GitHub did not answer, or failed inside: asking again may help, and a step does so a few times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An answer that says no.

    Attributes:
        asked: Method and path.
        status: The HTTP status.
        body: Its JSON, or None.
        headers: With names in lower case.
    """

    asked: str
    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def said(self) -> str:
        """GitHub's own words, on one line."""
        body = self.body if isinstance(self.body, dict) else {}
        details = [
            str(error.get("message") or f"{error.get('field', '')} {error.get('code', '')}".strip())
            if isinstance(error, dict)
            else str(error)
            for error in body.get("errors") or ()
        ]
        message = str(body.get("message", ""))
        told = details if details and message == _INVALID else [message, *details]
        return " ".join(" ".join(told).split())[:_SAID]

    @property
    def too_often(self) -> bool:
        """Whether it is a rate limit that no header told of; GitHub then wants a minute of peace."""
        return self.status == 429 or (self.status == 403 and "rate limit" in self.said.lower())


def in_words(refused: Refused, *, grants: str) -> GroundworkError:
    """Return the error that tells `refused`; `grants` is where the App's permissions are granted."""
    what: str
    hint = ""
    wanted = refused.headers.get("x-accepted-github-permissions", "")
    if refused.status == 401 or "integration not found" in refused.said.lower():
        what, hint = _credentials(refused.said)
    elif refused.status == 403 and "suspended" in refused.said.lower():
        what = "The App's installation is suspended."
        hint = f"an owner can lift it at `{grants}`"
    elif refused.status in {403, 404} and "not accessible by integration" in refused.said:
        what = f"The App lacks a permission here{': ' + _permissions(wanted) if wanted else ''}."
        hint = f"an owner can grant it at `{grants}`"
    elif refused.status == 422 and "permissions requested are not granted" in refused.said:
        what = f"The installation has not granted what the App asks for: {refused.said}"
        hint = f"an owner can accept the App's new permissions at `{grants}`"
    elif refused.status == 410:
        what = "Issues are switched off in this repository."
        hint = "switch them on in the repository's settings, under Features"
    else:
        what = f"GitHub refused `{refused.asked}` with {refused.status}{': ' + refused.said if refused.said else ''}."
    return GitHubError(what, status=refused.status, hint=hint, absent=refused.status == 404 and not hint)


def ungranted(wanted: Mapping[str, str], granted: Mapping[str, str], *, page: str) -> GitHubError | None:
    """Return the error for a token that an installation did not get; None where `granted` holds all that is `wanted`.

    `page` is where an owner of the account accepts what the App asks for.
    """
    lacking = [f"`{name}: {level}`" for name, level in wanted.items() if _rank(granted.get(name)) < _rank(level)]
    if not lacking:
        return None
    return GitHubError(
        f"The App lacks a permission here: {' and '.join(lacking)}.",
        status=403,
        hint=f"an owner can grant it at `{page}`",
    )


def _rank(level: str | None) -> int:
    return _LEVELS.index(level) if level in _LEVELS else -1


def _credentials(said: str) -> tuple[str, str]:
    """Return what is wrong with what makes us the App, and the mend."""
    words = said.lower()
    if "could not be decoded" in words:
        hint = "compare the id with `App ID` on the App's page, or make a new key there, under `Private keys`"
        return "App id and private key do not belong together.", hint
    if "expiration time" in words or "issued at" in words:
        return "GitHub's clock and this machine's differ too much.", "set the clock: timedatectl set-ntp true"
    if "public key" in words:
        return "The App has no private key any more.", "make a new one on the App's page, under `Private keys`"
    if "integration not found" in words or "issuer" in words:
        return "GitHub knows no App with this id.", "compare it with `App ID` at the top of the App's page"
    what = f"GitHub does not accept the App's credentials{f': {said}' if said else ''}."
    return what, "run `groundwork doctor`: it looks at App id, private key and clock one by one"


def _permissions(header: str) -> str:
    """Return `contents=write; workflows=write,...` as people read it: alternatives are joined by `or`."""
    alternatives = [
        " and ".join(f"`{one.strip().replace('=', ': ')}`" for one in option.split(",") if one.strip())
        for option in header.split(";")
    ]
    return " or ".join(alternative for alternative in alternatives if alternative)


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} s"
