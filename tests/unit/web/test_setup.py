"""The page of `groundwork setup` shows what is asked for, and nothing in it becomes HTML."""

from __future__ import annotations

import asyncio

import httpx

from bot.errors import GroundworkError
from bot.web.installed import installed_page
from bot.web.setup import Setup, setup_app


async def refused(code: str) -> str:
    raise GroundworkError(f"<b>{code}</b>", hint="again")


def get(path: str, **more: str) -> httpx.Response:
    app = setup_app(
        Setup(
            manifest={"name": "<i>'\"", "default_permissions": {"pull_requests": "write"}},
            address='https://github.test/new?state=s&x="',
            state="s",
            created=refused,
        )
    )
    return fetched(app, path, **more)


def fetched(app: object, path: str, **more: str) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path, params=more)

    return asyncio.run(send())


def test_the_form_shows_permissions_and_escapes_the_rest() -> None:
    answer = get("/")
    assert "<li>pull requests: write</li>" in answer.text
    assert "<i>" not in answer.text
    assert 'action="https://github.test/new?state=s&amp;x=&quot;"' in answer.text
    assert "script" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_refusal_is_shown_in_words() -> None:
    answer = get("/created", code="c", state="s")
    assert (answer.status_code, "&lt;b&gt;c&lt;/b&gt;" in answer.text) == (502, True)
    assert get("/created", state="s").status_code == 400
    assert get("/created", code="c", state="ß").status_code == 400


def test_who_has_installed_the_app_is_told_what_to_do_next() -> None:
    from starlette.applications import Starlette

    said = fetched(Starlette(routes=[installed_page("infra <x>")]), "/installed", installation_id="<b>").text
    assert "<b>infra &lt;x&gt;</b>" in said
