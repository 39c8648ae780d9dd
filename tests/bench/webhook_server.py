"""Our server for the bench: the real edge, intake, inbox and durable runs on SQLite; jobs are stored and then do nothing.

python -m tests.bench.webhook_server FOLDER PORT SECRET
"""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path
from typing import Any

from bot.cli.interrupt import run_until_interrupted
from bot.cli.serving import loop_factory, server_of
from bot.job.kinds import Context
from bot.web.app import WebApp
from bot.web.durable_inbox import DurableInbox
from bot.web.intake import Intake
from bot.web.journal import Journal
from bot.web.journal_inbox import JournalInbox
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
    inbox = JournalInbox(Journal(folder / "inbox.jsonl"), DurableInbox(runs))
    await inbox.open()
    try:
        app = WebApp(Intake(secrets=[secret], context=Context(app_id=1, bot="bench[bot]")), inbox)
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(2048)
        server = server_of(app, grace=5)
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            await serving
    finally:
        await inbox.close()
        await runs.close()


if __name__ == "__main__":
    run_until_interrupted(serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]), loop_factory=loop_factory())
