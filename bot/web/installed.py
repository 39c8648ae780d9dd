"""Where GitHub brings people who have just installed the App: what to do next."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web.setup import page


def installed_page(label: str) -> Route:
    """Return the page's route; it looks at nothing that the request says."""

    async def installed(_request: Request) -> Response:
        return page(
            "Groundwork is installed",
            "<ol><li>Open a repository that it may work in.</li>"
            "<li>Open an issue that says what has to run, or choose one.</li>"
            f"<li>Put the label <b>{escape(label)}</b> on it: work begins at once, and a comment there follows it.</li>"
            "<li>Review the pull request. Ask for changes, and they are made.</li></ol>",
        )

    return Route("/installed", installed)
