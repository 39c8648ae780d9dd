"""Routes of Next.js: the folders `app/` and `pages/`, files in `public/`."""

from __future__ import annotations

import re
from typing import Final

from bot.check.sources.folder import Folder
from bot.check.sources.routes import Routes, joined

_PAGE: Final = re.compile(r"^(?:src/)?app/(?:(.*)/)?(?:page|route)\.(?:[jt]sx?|mdx?)$")
_OLD_PAGE: Final = re.compile(r"^(?:src/)?pages/(.*)\.(?:[jt]sx?|mdx?)$")
_UNSURE: Final = re.compile(r"\b(?:rewrites|redirects|basePath|i18n|pageExtensions)\b")


def next_routes(folder: Folder) -> Routes:
    """Read the routes of the Next.js application in `folder`."""
    routes = Routes("Next.js")
    for name in ("next.config.js", "next.config.mjs", "next.config.ts", "next.config.cjs"):
        match = _UNSURE.search(folder.text(name) or "")
        if match:
            routes.unsure = f"{name} has {match[0]}"
    if any(re.fullmatch(r"(?:src/)?(?:middleware|proxy)\.[jt]s", path) for path in folder.paths):
        routes.unsure = "a middleware may rewrite"
    for path in folder.paths:
        if match := _PAGE.match(path):
            pieces = [piece for piece in (match[1] or "").split("/") if piece]
            if any(piece.startswith(("_", "@")) for piece in pieces) or any("(." in piece for piece in pieces):
                continue
            routes.add(_pattern([piece for piece in pieces if not re.fullmatch(r"\([^)]*\)", piece)]))
        elif match := _OLD_PAGE.match(path):
            pieces = match[1].split("/")
            if pieces[-1].startswith("_"):
                continue
            routes.add(_pattern(pieces[:-1] if pieces[-1] == "index" else pieces))
        elif path.startswith("public/"):
            routes.add(joined(path.removeprefix("public/")))
    if not routes.routes:
        routes.unsure = "there is neither app/ nor pages/"
    return routes


def _pattern(pieces: list[str]) -> str:
    found: list[str] = []
    for piece in pieces:
        if piece.startswith(("[...", "[[...")):
            return joined(*found, "{*}")
        found.append("{}" if piece.startswith("[") else piece)
    return joined(*found)
