"""The page of `groundwork setup`: sends GitHub the manifest, and takes the code that GitHub sends back."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.errors import GroundworkError

CREATED: Final = "/created"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What the page needs.

    Attributes:
        manifest: As GitHub's form takes it.
        address: Where the form is sent; `state` is part of it.
        state: What GitHub has to send back, so that nobody else can hand us an App.
        created: Takes the code; returns where the App is installed.
    """

    manifest: Mapping[str, Any]
    address: str
    state: str
    created: Callable[[str], Awaitable[str]]


def setup_app(setup: Setup) -> Starlette:
    """Return the page as an ASGI application for a browser on this machine."""
    pages = _Pages(setup)
    # A page elsewhere must not read this one under a name of its own.
    hosts = TrustedHostMiddleware
    return Starlette(
        routes=[Route("/", pages.form), Route(CREATED, pages.created)],
        middleware=[Middleware(hosts, allowed_hosts=["127.0.0.1", "localhost"])],
    )


class _Pages:
    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    async def form(self, _request: Request) -> Response:
        """Show what will be asked for, and a button that sends it."""
        asks = "".join(
            f"<li>{escape(name.replace('_', ' '))}: {escape(level)}</li>"
            for name, level in self._setup.manifest["default_permissions"].items()
        )
        manifest = escape(json.dumps(self._setup.manifest))
        body = (
            f"<p>GitHub will show you the name, and ask you to confirm. The App will ask for:</p><ul>{asks}</ul>"
            f'<form action="{escape(self._setup.address)}" method="post">'
            f'<input type="hidden" name="manifest" value="{manifest}">'
            "<button>Create the App on GitHub</button></form>"
        )
        return page("Register Groundwork", body)

    async def created(self, request: Request) -> Response:
        """Take the code."""
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        if not hmac.compare_digest(state.encode(), self._setup.state.encode()) or not code:
            again = '<p>This is not the answer to the form of this page. <a href="/">Start again</a>.</p>'
            return page("Not the answer that was waited for", again, status=400)
        try:
            install = await self._setup.created(code)
        except GroundworkError as error:
            return page("That did not work", f"<p>{escape(error.what)}</p><p>{escape(error.hint)}</p>", status=502)
        body = (
            "<p>Its settings are written. Now choose the repositories it may work in:</p>"
            f'<p><a href="{escape(install)}">Install the App</a></p>'
            "<p>The terminal says how to start the server; this page is not needed any more.</p>"
        )
        return page("The App is registered", body)


def page(title: str, body: str, *, status: int = 200) -> HTMLResponse:
    """Return a small page; `body` is HTML of ours in which all else was escaped."""
    html = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><main><h1>{escape(title)}</h1>{body}</main></html>"
    )
    return HTMLResponse(html, status_code=status, headers=_HEADERS)


_STYLE: Final = (
    "body{font:1rem/1.5 system-ui,sans-serif;margin:0;background:#f6f8fa;color:#1f2328}"
    "main{max-width:36rem;margin:4rem auto;padding:1.5rem 2rem;background:#fff;border:1px solid #d1d9e0;"
    "border-radius:8px}h1{font-size:1.4rem;margin-top:0}"
    "button{font:inherit;padding:.5rem 1rem;border:0;border-radius:6px;background:#1f883d;color:#fff;cursor:pointer}"
    "@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}"
    "main{background:#151b23;border-color:#3d444d}a{color:#4493f8}}"
)
_HEADERS: Final = {
    # No form-action: browsers hold it against every redirect that GitHub's sign-in makes.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
