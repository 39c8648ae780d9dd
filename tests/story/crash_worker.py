"""A process that runs the whole App again and again, for tests that kill it: one life for each line it reads.

Everything is imported once, and each life is a fork. A life dies by SIGKILL at the first of its `die` places that it
reaches; the place is written down before. Places are what is stored durably, just before and just after it is.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import event
from sqlalchemy.engine import Engine as Database
from sqlalchemy.pool import Pool

from bot.app import Application, application
from bot.blueprint.engine import BlueprintEngine
from bot.model.ask import Ask, Revision
from bot.model.brief import Brief
from bot.model.change import Work
from bot.model.finding import Finding
from bot.model.health import HealthReport
from bot.model.issue import Issue
from tests.fakes.reviser import FakeReviser
from tests.fakes.verifier import HEALTHY, UNHEALTHY, FakeVerifier
from tests.story.kill import kill
from tests.story.server import settings

_WRITES = "groundwork writes"
_TABLES = {"operation_outputs", "workflow_status"}


@dataclass(frozen=True)
class Places:
    """Writes down each durable place that is reached, once, and dies at those of `die`."""

    file: Path
    die: frozenset[str]
    alone: bool

    def watch(self) -> None:
        event.listen(Database, "before_cursor_execute", self._writes)
        event.listen(Database, "commit", self._commits)
        event.listen(Pool, "checkin", self._returned)

    def _writes(self, conn: Any, _cursor: Any, statement: str, given: Any, context: Any, _many: bool) -> None:
        what, _, table = statement.partition("INSERT INTO ")
        table = table.partition(" ")[0].rpartition(".")[2].strip('"')
        if what or table not in _TABLES:
            return
        # What is prepared for Postgres comes as it goes to the driver.
        values = context.compiled_parameters[0] if context.compiled else given
        name = values.get("function_name") or f"begin {values.get('name')}"
        # The names of a conversation's steps hold its key, which is another in each run.
        conn.info.setdefault(_WRITES, []).append(
            re.sub(r"-[0-9a-f]{8}(?=-|$)", "-<key>", re.sub(r"(answer-\w+)-\d+", r"\1-<n>", name))
        )

    def _commits(self, conn: Any) -> None:
        for name in conn.info.get(_WRITES, ()):
            self.reached(f"before {name} is stored")

    def _returned(self, _connection: Any, record: Any) -> None:
        for name in record.info.pop(_WRITES, ()):
            self.reached(f"after {name} is stored")

    def reached(self, place: str) -> None:
        if place in lines(self.file):
            return
        told(self.file, place)
        if place in self.die:
            kill(os.getpid(), alone=self.alone)


@dataclass
class PaidEngine(FakeReviser):
    """Each turn is paid: it stands in the ledger from the moment it was asked for."""

    ledger: Path = Path()

    async def build(self, brief: Brief, issue: Issue, root: Path) -> Work:
        told(self.ledger, "build")
        return await super().build(brief, issue, root)

    async def repair(
        self, brief: Brief, issue: Issue, root: Path, findings: tuple[Finding, ...], health: HealthReport | None
    ) -> Work:
        if health is None:
            return await super().repair(brief, issue, root, findings, health)
        told(self.ledger, "repair")
        (root / "src/repaired.txt").write_text("127.0.0.1\n")
        return Work(engine="paid", decisions=())

    async def revise(self, brief: Brief, issue: Issue, root: Path, asks: tuple[Ask, ...]) -> Revision:
        told(self.ledger, "revise")
        return await super().revise(brief, issue, root, asks)


@dataclass
class FirstUnhealthy(FakeVerifier):
    """The first commit that is ever verified is unhealthy, every other is healthy, in whatever life it is asked."""

    ledger: Path = Path()

    async def verify(self, branch: str, commit: str) -> HealthReport:
        told(self.ledger, commit)
        self.reports = [UNHEALTHY if commit == lines(self.ledger)[0] else HEALTHY]
        return await super().verify(branch, commit)


def lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def told(file: Path, line: str) -> None:
    with file.open("a") as opened:
        opened.write(f"{line}\n")


async def life(order: dict[str, Any]) -> list[str]:
    """Deliver the webhooks, each until it was answered once, and wait for what comes of them."""
    data = Path(order["data"])
    places = Places(Path(order["places"]), frozenset(order["die"]), order["alone"])
    places.watch()
    more: dict[str, Any] = {"database_url": SecretStr(order["database"])} if order["database"] else {}
    engine: PaidEngine | None = PaidEngine(ledger=data / "paid", blueprint=BlueprintEngine())
    if order["model"]:
        engine = None
        more |= {"engine": "claude", "model_key": SecretStr("sk-ant-nobodys"), "model_url": order["model"]}
        more |= {"sandbox_image": "not-there:1"}
    opened = application(
        settings(order["url"], Path(order["key"]).read_text(), data, **more),
        poll=0.05,
        ttl=1.0 if order["database"] else 60.0,
        verifier=FirstUnhealthy(ledger=data / "verified"),
        engine=engine,
    )
    async with opened as app:
        answered = Path(order["answered"])
        await _delivered(app, order["deliveries"], answered, places)
        await app.inbox.settled()
        jobs = dict(line.split(" ", 1) for line in lines(answered))
        return [await _ended(app, jobs[str(number)]) for number in range(len(order["deliveries"]))]


async def _delivered(app: Application, deliveries: list[dict[str, Any]], answered: Path, places: Places) -> None:
    """Deliver what was not answered by an earlier life: GitHub does not send again what was answered with 202."""
    known = {line.partition(" ")[0] for line in lines(answered)}
    transport = httpx.ASGITransport(app=app.web)
    async with httpx.AsyncClient(transport=transport, base_url="http://app.test") as client:

        async def deliver(number: int, delivery: dict[str, Any]) -> None:
            answer = await client.post("/webhooks/github", content=delivery["body"], headers=delivery["headers"])
            if answer.status_code != 202:
                raise AssertionError(answer.text)
            told(answered, f"{number} {answer.json()['job']}")
            places.reached(f"after {len(lines(answered))} webhooks are answered")

        wanted = [(number, one) for number, one in enumerate(deliveries) if str(number) not in known]
        await asyncio.gather(*(deliver(number, one) for number, one in wanted))


async def _ended(app: Application, job: str) -> str:
    became = str(await app.runs.result(f"job/{job}"))
    if became.startswith("run "):
        became = str(await app.runs.result(became.removeprefix("run ")))
    return became


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        imported(order["modules"])
        known, told_of = os.pipe()
        child = os.fork()
        if not child:
            os.read(known, 1)  # a life begins when the test knows whom to kill
            logging.disable()
            became = asyncio.run(life(order))
            _say({"became": became, "modules": [*sys.modules]})
            os._exit(0)
        _say({"pid": child})
        sys.stdin.readline()
        os.write(told_of, b"!")
        os.close(known)
        os.close(told_of)
        _, status = os.waitpid(child, 0)
        _say({"status": os.waitstatus_to_exitcode(status)})


def imported(modules: list[str]) -> None:
    """Import what the lives to come would import each for itself."""
    for name in modules:
        with suppress(ImportError):
            importlib.import_module(name)


if __name__ == "__main__":
    main()
