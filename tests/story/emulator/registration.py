"""GitHub's page that makes an App from a manifest, and what it gives for the code."""

from __future__ import annotations

import json
import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

_FIELDS = {
    *("name", "url", "hook_attributes", "redirect_url", "callback_urls", "setup_url", "description", "public"),
    *("default_events", "default_permissions", "request_oauth_on_install", "setup_on_update"),
}


class Registration:
    """Makes Apps; `key` is the private key that they get."""

    def __init__(self) -> None:
        self.key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n"
        self.secret = "made by GitHub, told once"
        self.made: list[tuple[str, Any]] = []
        self._codes: dict[str, int] = {}
        self.routes = [
            Route("/settings/apps/new", self.new, methods=["POST"]),
            Route("/organizations/{owner}/settings/apps/new", self.new, methods=["POST"]),
        ]

    async def new(self, request: Request) -> Response:
        """What a person does there: reads, confirms, and is sent back with a code."""
        form = parse_qs((await request.body()).decode())
        manifest = json.loads(form["manifest"][0])
        if unknown := set(manifest) - _FIELDS:
            return PlainTextResponse(f"unknown fields {unknown}", 422)
        if not urlsplit(manifest["hook_attributes"]["url"]).hostname or not manifest["url"]:
            return PlainTextResponse("Hook url is not valid", 422)
        self.made.append((request.path_params.get("owner", "mona"), manifest))
        code = secrets.token_hex(10)
        self._codes[code] = len(self.made) - 1
        back = urlencode({"code": code, "state": request.query_params["state"]})
        return RedirectResponse(f"{manifest['redirect_url']}?{back}", 302)

    def converted(self, code: str) -> Response:
        """The App of a code, once."""
        if code not in self._codes:
            return JSONResponse({"message": "Not Found"}, 404)
        owner, manifest = self.made[self._codes.pop(code)]
        slug = manifest["name"].lower().replace(" ", "-")
        return JSONResponse(
            {
                "id": 9_001,
                "slug": slug,
                "owner": {"login": owner},
                "html_url": f"https://github.test/apps/{slug}",
                "pem": self.key,
                "webhook_secret": self.secret,
                "client_id": "Iv1.x",
                "client_secret": "of no use to us",
            },
            201,
        )
