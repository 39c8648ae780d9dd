"""Our server for the bench: the real edge, intake, inbox and durable runs on SQLite; jobs are stored and then do nothing.

python -m tests.bench.webhook_server FOLDER PORT SECRET
"""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn

from bot.cli.interrupt import run_until_interrupted
from bot.cli.serve import _loop_factory
from bot.cli.serving import Server
from bot.job.kinds import Context
from bot.web.app import web_app
from bot.web.durable_inbox import DurableInbox
from bot.web.intake import Intake
from bot.workflow.draft import Draft, Drafter, Order
from bot.workflow.durable import DurableConfig, DurableRuns
from bot.workflow.ports import Steps


class NoStory:
    """Takes every job, and does nothing about it."""

    async def handle(self, _job: Any, _steps: Steps, _runs: DurableRuns) -> Any:
        return "done"

    async def run(self, _job: Any, _steps: Steps, _drafter: Drafter, _mail: object) -> Any:
        return "never"

    async def draft(self, _job: Any, _order: Order, _name: str, _steps: Steps) -> Draft:
        raise NotImplementedError


async def serve(folder: Path, port: int, secret: str) -> None:
    runs = DurableRuns(DurableConfig(url=f"sqlite:///{folder / 'bench.sqlite'}"), NoStory())
    await runs.open()
    try:
        app = web_app(Intake(secrets=[secret], context=Context(app_id=1, bot="bench[bot]")), DurableInbox(runs))
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(2048)
        server = Server(
            uvicorn.Config(
                app,
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
            )
        )
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            await serving
    finally:
        await runs.close()


if __name__ == "__main__":
    run_until_interrupted(serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]), loop_factory=_loop_factory())
