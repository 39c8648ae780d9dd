"""What a Vite server answers with intent: its base, the files of `public/`, and what its configuration adds."""

from __future__ import annotations

import re
from typing import Final

from bot.check.sources.code import without_comments
from bot.check.sources.folder import Folder
from bot.check.sources.ports import CONFIGS
from bot.check.sources.routes import Routes, joined

_UNSURE: Final = re.compile(
    r"\b(?:configureServer|configurePreviewServer|middlewareMode|publicDir|root)\b|\bbase\s*:\s*(?!['\"]/?['\"])"
)
_PROXIED: Final = re.compile(r"['\"`]\^?(/[^'\"`]*)['\"`]\s*:\s*(?:['\"`{]|\w)")


def vite_routes(folder: Folder) -> Routes:
    """Read what the Vite development or preview server of `folder` answers."""
    routes = Routes("Vite")
    routes.add("/")
    routes.add("/index.html")
    routes.add("/@vite/client")
    routes.add("/src/{*}")
    for name in CONFIGS:
        text = without_comments(folder.text(name) or "")
        match = _UNSURE.search(text)
        if match:
            routes.unsure = f"{name} has {match[0].split(':')[0].strip()}"
        if "proxy" in text:
            for proxied in _PROXIED.finditer(text):
                routes.add(joined(proxied[1], "{*}"))
    for path in folder.paths:
        if path.startswith("public/"):
            routes.add(joined(path.removeprefix("public/")))
        elif path.endswith(".html") and "/" not in path:
            routes.add(joined(path))
    return routes
