"""The App as a server in this process, and the hand that delivers webhooks to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
from pydantic import SecretStr

from bot.app import Application, application
from bot.settings.server import Settings
from bot.workflow.actions_verifier import PATIENCE
from bot.workflow.actions_wait import Patience
from bot.workflow.ports import Engine, Verifier
from tests.story.emulator.github import APP_ID, SECRET, Delivery, GitHub

T = TypeVar("T")


class Server:
    """The real application on an event loop of its own; webhooks come in as bytes."""

    def __init__(self, loop: asyncio.AbstractEventLoop, app: Application) -> None:
        self._loop = loop
        self.app = app

    def deliver(self, delivery: Delivery) -> httpx.Response:
        """Deliver a webhook as GitHub would."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app.web)
            async with httpx.AsyncClient(transport=transport, base_url="http://app.test") as client:
                answer = await client.post("/webhooks/github", content=delivery.body, headers=delivery.headers)
            await self.app.inbox.settled()  # so that the story knows of the job from here on
            return answer

        return self.do(send())

    def get(self, url: str) -> httpx.Response:
        """Open a page as a browser would."""

        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app.web)) as client:
                return await client.get(url)

        return self.do(send())

    def done(self, delivery: Delivery, *, within: float = 60.0) -> str:
        """Deliver, and wait until the job and the run it started are done; return how that ended."""
        answer = self.deliver(delivery)
        assert answer.status_code == 202, answer.text
        return self.ended(answer.json()["job"], within=within)

    def ended(self, job: str, *, within: float = 60.0) -> str:
        """Wait for an accepted job and the run it started; return how that ended."""
        became = str(self.do(self.app.runs.result(f"job/{job}"), within=within))
        if became.startswith("run "):
            return str(self.do(self.app.runs.result(became.removeprefix("run ")), within=within))
        return became

    def do(self, work: Coroutine[Any, Any, T], *, within: float = 60.0) -> T:
        """Run `work` on the server's loop and wait for it."""
        running: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return running.result(within)


def settings(url: str, key: str, data: Path, **more: Any) -> Settings:
    """The settings of a server for the GitHub at `url`."""
    known: dict[str, Any] = {
        "app_id": APP_ID,
        "private_key": SecretStr(key),
        "webhook_secret": SecretStr(SECRET),
        "data": data,
        "github_url": url,
        "verification": "none",
        "quiet": 0.3,
    }
    return Settings(_env_file=None, **{**known, **more})


@contextmanager
def serving(
    github: GitHub,
    key: str,
    data: Path,
    *,
    verifier: Verifier | None = None,
    engine: Engine | None = None,
    patience: Patience = PATIENCE,
    written_by: str = "blueprint",
    **more: Any,
) -> Iterator[Server]:
    """Run the App until the context ends; `engine` stands in for the one that `written_by` names."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def do(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(60)

    wanted = settings(github.url, key, data, **({"engine": written_by} | more))
    opened = application(wanted, poll=0.05, verifier=verifier, engine=engine, patience=patience)
    try:
        app = do(_entered(opened.__aenter__))
        try:
            yield Server(loop, app)
        finally:
            do(_entered(lambda: opened.__aexit__(None, None, None)))
    finally:
        do(_nothing_left())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


async def _nothing_left() -> None:
    """End every task that still waits, as `asyncio.run` would: worker threads live until their root task is done."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()


async def _entered(enter: Callable[[], Coroutine[Any, Any, T]]) -> T:
    return await enter()
