"""A process with one durable story, for tests that kill it: `durable_worker.py URL LOG COMMAND [ARGUMENT]`.

Every effect is appended to LOG. `die:<place>` in the job's script kills the process there the first time it is reached.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from bot.model.brief import Brief
from bot.model.change import Change, Work
from bot.model.issue import Issue
from bot.workflow.draft import Draft, Drafter, Order
from bot.workflow.durable import DurableConfig, DurableRuns, Mail
from bot.workflow.ports import Steps


class LoggedStory:
    """Two steps, a draft by a child run, a message, and a last step."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def effect(self, text: str) -> None:
        with self._log.open("a") as file:
            file.write(f"{text}\n")

    def die_once(self, job: Any, place: str) -> None:
        marker = self._log.with_suffix(f".{job['name']}.{place}")
        if place in job.get("die", ()) and not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    async def run(self, job: Any, steps: Steps, drafter: Drafter, mail: Mail) -> Any:
        async def first() -> str:
            self.die_once(job, "before-first")
            self.effect(f"{job['name']} first")
            self.die_once(job, "in-first")
            return "1"

        async def last() -> str:
            self.effect(f"{job['name']} last")
            self.die_once(job, "in-last")
            return "9"

        self.die_once(job, "start")
        one = await steps.run("first", str, first)
        self.die_once(job, "after-first")
        draft = await drafter.draft("write", Order(issue=Issue(title="t"), brief=Brief(), head="0" * 40))
        self.die_once(job, "after-draft")
        message = await mail.wait("verdict", job.get("wait", 0.0)) if job.get("wait") else {"kind": "none"}
        self.die_once(job, "after-mail")
        if message is None or message["kind"] == "cancelled":
            return [one, "no message"]
        return [one, draft.work.engine, message["kind"], await steps.run("last", str, last)]

    async def draft(self, job: Any, order: Order, name: str, steps: Steps) -> Draft:
        async def turn() -> str:
            self.effect(f"{job['name']} {name} paid turn")
            self.die_once(job, "in-turn")
            return order.issue.title

        self.die_once(job, "draft-start")
        await steps.run("turn", str, turn)
        self.die_once(job, "after-turn")
        return Draft(work=Work(engine="fake"), change=Change(base=order.head))


async def main(url: str, log: Path, command: str, *arguments: str) -> None:
    story = LoggedStory(log)
    runs = DurableRuns(DurableConfig(url=url, poll=0.05, ttl=float(os.environ.get("TTL", "60"))), story)
    await runs.open()
    story.effect(f"open {os.getpid()}")
    try:
        if command == "run":
            names, options = arguments[0].split(","), arguments[1:]
            die = [option.removeprefix("die:") for option in options if option.startswith("die:")]
            for name in names:
                job = {"name": name, "die": die}
                await runs.start(job, run_id=f"delivery-{name}", subject=f"repo#{name}", organisation="acme")
            for name in names:
                story.effect(f"{name} ended {await runs.result(f'delivery-{name}')}")
        elif command == "serve":
            await asyncio.Event().wait()
    finally:
        await runs.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]))
