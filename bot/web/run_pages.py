"""The pages of runs. Whoever has a run's link may read it: it stands on the issue, and cannot be guessed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.agent.transcript import read_transcript
from bot.agent.transcript_page import transcript_page
from bot.model.run_view import RunView
from bot.report.health_html import health_html
from bot.report.run_page import run_page

_PURPOSE: Final = b"groundwork run page 1"
_MOST: Final = 300  # characters of a run's id; an address beyond is nobody's
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the key is in the address
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


class Views(Protocol):
    """Where runs can be looked at."""

    async def view(self, run_id: str) -> RunView | None:
        """Return the run, None for an unknown one."""
        ...


@dataclass(frozen=True, slots=True)
class RunLinks:
    """Makes and knows the links of runs.

    Attributes:
        url: The address at which people reach this server, without a slash at its end.
        secrets: The webhook's secrets, the present one first; a link made with the old one still opens.
    """

    url: str
    secrets: Sequence[str]

    def link(self, run_id: str) -> str:
        """Return the address of a run's page."""
        return f"{self.url}/{run_id}?key={_key(self.secrets[0], run_id)}"

    def opens(self, run_id: str, key: str) -> bool:
        """Return whether `key` is the run's."""
        given = key.encode()
        return any(hmac.compare_digest(_key(secret, run_id).encode(), given) for secret in self.secrets)


def run_routes(links: RunLinks, views: Views, *, github: str, said: Callable[[str], Path]) -> list[Route]:
    """Return the routes of the pages.

    Args:
        links: Which links open.
        views: The runs.
        github: GitHub's address.
        said: The transcript of what was said with the model for a run's issue, which may not be there.
    """

    async def page(request: Request) -> Response:
        run_id = f"run/{request.path_params['rest']}"
        key = request.query_params.get("key", "")
        known = len(run_id) <= _MOST and links.opens(run_id, key)
        run = await views.view(run_id) if known else None
        if run is None:
            return PlainTextResponse(
                "There is no such page. The link stands on the issue of the run; use it as it is.\n", 404, _HEADERS
            )
        wanted = request.query_params.get("report", "")
        if wanted.isdecimal() and len(wanted) < 4 and 1 <= int(wanted) <= len(run.reports):
            return HTMLResponse(health_html(run.reports[int(wanted) - 1]), headers=_HEADERS)
        spoken = said(run_id)
        if "transcript" in request.query_params and spoken.is_file():
            return HTMLResponse(await asyncio.to_thread(_transcript, spoken), headers=_HEADERS)
        shown = run_page(run, github=github, link=f"?key={key}", now=time.time(), transcript=spoken.is_file())
        policy = (
            f"default-src 'none'; style-src 'sha256-{shown.style}'; img-src data:; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return HTMLResponse(shown.html, headers={**_HEADERS, "Content-Security-Policy": policy})

    return [Route("/run/{rest:path}", page)]


def _transcript(path: Path) -> str:
    return transcript_page(read_transcript(path.read_bytes()))


def _key(secret: str, run_id: str) -> str:
    """The key of a run: 128 bits that only this server can make."""
    own = hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)
    return urlsafe_b64encode(hmac.digest(own, run_id.encode(), hashlib.sha256)[:16]).decode().rstrip("=")
