"""What an attack is made on: a run's own tree and tools, and around them everything that must stay as it is."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import socket
import socketserver
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.agent.allowlist import Allowlist
from bot.agent.egress import let_out
from bot.agent.ledger import MemoryLedger
from bot.agent.limit import Limits, Spent
from bot.agent.loop import Conversation
from bot.agent.message import Reply, ToolResult
from bot.agent.price import price_of
from bot.agent.proxy import Proxy
from bot.agent.sandbox import Box, Sandbox
from bot.agent.tools.bash import Bash
from bot.agent.tools.files import FileTools
from bot.agent.tools.judge import Judge
from bot.agent.tools.protected import Policy, Standing
from bot.agent.tools.skills import Skills
from bot.agent.tools.toolbox import Tools
from bot.agent.transcript_file import TranscriptFile
from bot.blueprint.mend import apply_safe_fixes
from bot.model.brief import Brief
from bot.model.change import Change
from bot.model.egress import Refusal
from bot.model.finding import Finding
from bot.model.issue import Issue
from bot.model.redact import Redactor
from bot.workflow.parts import RuleChecker
from bot.workspace.worktree import WorktreeWorkspaces
from tests.attacks.table import Attack
from tests.fakes.model import CountingTree, ScriptedModel, StoredSteps, says

PLANTED = "planted-4c1f9e-secret"
# In pieces: the shape of a key is what scanners of this repository look for too.
SHAPED = "gh" + "p_" + "4Zt8" * 9
MODEL = "claude-sonnet-4-5-20250929"
BOX = Box(image="python:3.12-slim", memory=256, cpus=1.0, pids=64, disk=64, file=40, entries=20_000)


class Trap(socketserver.BaseRequestHandler):
    """Keeps every byte that reaches this machine's services."""

    def handle(self) -> None:
        self.request.settimeout(5)
        with contextlib.suppress(OSError):
            self.server.received += self.request.recv(4096)  # type: ignore[attr-defined]


@dataclass
class World:
    """A repository with what a platform has in it, and a machine with what a server has on it."""

    place: Path
    port: int = 0
    received: bytes = b""
    refusals: tuple[Refusal, ...] = ()
    values: dict[str, str] = field(default_factory=dict)

    @property
    def outside(self) -> Path:
        return self.place / "outside"

    @property
    def home(self) -> Path:
        return self.place / "home"

    @property
    def shop(self) -> Path:
        return self.place / "shop"

    def fingerprint(self) -> dict[str, str]:
        """All that is not the run's own."""
        found = {}
        for top in (self.outside, self.home, self.shop):
            for path in sorted(top.rglob("*")):
                if path.is_file() and "/.git/" not in str(path):
                    found[str(path)] = f"{path.lstat().st_mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        hooks = self.shop / ".git/hooks"
        return {**found, "hooks": str(sorted(it.name for it in hooks.iterdir()))}


@dataclass(frozen=True)
class Told:
    """What came of an attack."""

    answers: tuple[ToolResult, ...]
    requests: str
    transcript: str
    change: Change
    findings: tuple[Finding, ...]
    afterwards: str


@contextlib.contextmanager
def world(place: Path) -> Iterator[World]:
    """Yield a world; `place` is an empty folder."""
    made = World(place)
    for folder in (made.outside, made.home / ".ssh", made.shop / ".github/workflows", made.shop / "src/web"):
        folder.mkdir(parents=True)
    for path in (made.outside / "secret", made.home / ".ssh/id_ed25519"):
        path.write_text(f"{PLANTED}\n")
    (made.shop / "IDEA.md").write_text("# Shop\n\nA shop.\n")
    (made.shop / "src/web/app.py").write_text("print('shop')\n")
    (made.shop / ".github/workflows/build.yml").write_text("on: push\njobs: {}\n")
    (made.shop / ".github/CODEOWNERS").write_text("* @acme/platform\n")
    git = ["git", "-C", str(made.shop), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Write down the idea"]):
        subprocess.run([*git, *words], check=True)
    with (made.shop / ".git/config").open("a") as file:
        file.write(f"[http]\n\textraHeader = Authorization: {PLANTED}\n")
    with listening(made), abstract(made):
        made.values |= {
            "{outside}": str(made.outside),
            "{home}": str(made.home),
            "{port}": str(made.port),
            "{address}": own_address(),
            "{shaped}": SHAPED,
            "{megabytes}": "x" * 3_000_000,
        }
        yield made


@contextlib.contextmanager
def listening(made: World) -> Iterator[None]:
    with socketserver.ThreadingTCPServer(("0.0.0.0", 0), Trap) as server:
        server.received = b""  # type: ignore[attr-defined]
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            made.received = server.received  # type: ignore[attr-defined]


@contextlib.contextmanager
def abstract(made: World) -> Iterator[None]:
    """A socket without a file, as buses and display servers have: only the network namespace keeps it."""
    name = f"groundwork-attacked-{os.getpid()}"
    made.values["{abstract}"] = name
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"\0{name}")
        listener.listen()
        yield


def own_address() -> str:
    """This machine's address on its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return "172.17.0.1"


def filled(value: Any, values: dict[str, str]) -> Any:
    """Return `value` with the names of this world's places in it."""
    if isinstance(value, str):
        for name, text in values.items():
            value = value.replace(name, text)
        return value
    return value


def script(attack: Attack, values: dict[str, str]) -> list[Reply | Exception]:
    """The model that makes the attack: one call a turn, then it says that it is done."""
    replies: list[Reply | Exception] = []
    for number, call in enumerate(attack.calls):
        arguments = {name: filled(value, values) for name, value in call.items() if name != "tool"}
        block = {"type": "tool_use", "id": f"call_{number}", "name": call["tool"], "input": arguments}
        replies.append(Reply(content=(block,), stop_reason="tool_use", spent=Spent(turns=1)))
    return [*replies, says("done")]


def attacked(made: World, attack: Attack, client: Any = None) -> Told:
    """Let the scripted model make its attack with the real tools on the real tree."""
    return asyncio.run(_attacked(made, attack, client))


async def _attacked(made: World, attack: Attack, client: Any) -> Told:
    workspaces = WorktreeWorkspaces(made.shop)
    head = (await workspaces.base("groundwork/1-shop")).head
    policy = Policy()

    async def check(fix: bool) -> tuple[Finding, ...]:
        found = await RuleChecker().check(root, await workspaces.change(root))
        if not fix:
            return found
        apply_safe_fixes(found, root)
        return await RuleChecker().check(root, await workspaces.change(root))

    async with workspaces.tree(head) as root, boxed(made, attack, client, root) as sandbox:
        tools = Tools(
            files=FileTools(root, policy),
            skills=Skills(root, Brief(title="Shop"), Issue(title="Shop")),
            judge=Judge(check, None),
            bash=Bash(sandbox, Standing(root, policy)) if sandbox else None,
        )
        path = made.place / "transcript.jsonl"
        model = ScriptedModel(script(attack, made.values))
        conversation = Conversation(
            key="attack",
            model_name=MODEL,
            system="You build infrastructure.",
            task="Build it.",
            model=model,
            tools=tools,
            steps=StoredSteps(),
            tree=CountingTree(),
            ledger=MemoryLedger(cap=100.0),
            price=price_of(MODEL),
            limits=Limits(),
            recorder=TranscriptFile(path, Redactor()),
        )
        _end, turns = await conversation.talk()
        change = await workspaces.change(root)  # before the next command, which puts protected files back once more
        findings = await RuleChecker().check(root, change)
        afterwards = await tools.call("Bash", {"command": "echo alive"}) if sandbox else ToolResult(text="alive")
    answers = tuple(result for turn in turns for result in turn.results.values())
    return Told(
        answers=answers,
        requests="".join(answer.text for answer in answers),
        transcript=path.read_text(),
        change=change,
        findings=findings,
        afterwards=afterwards.text,
    )


@contextlib.asynccontextmanager
async def boxed(made: World, attack: Attack, client: Any, root: Path) -> AsyncIterator[Sandbox | None]:
    """Yield the sandbox for `root`, let out to registries where the attack wants it; None without an engine."""
    if client is None:
        yield None
        return
    name = f"groundwork-attack-{os.getpid()}"
    async with contextlib.AsyncExitStack() as stack:
        proxy, box = None, BOX
        if attack.egress:
            names = (("packages.example", made.port), ("packages.example", 80), ("rebound.example", 80))
            proxy = Proxy(Allowlist(frozenset(names)), resolve=_look_up, may_reach=lambda it: it == "127.0.0.1")
            box = await stack.enter_async_context(let_out(client, BOX, proxy, name=name))

        def announce(command: str) -> None:
            if proxy:
                proxy.asking = command

        sandbox = Sandbox(client, box, root, name=f"{name}-box", announce=announce)
        try:
            yield sandbox
        finally:
            await sandbox.close()
            made.refusals = proxy.refusals if proxy else ()


async def _look_up(host: str, _port: int) -> tuple[str, ...]:
    return ("127.0.0.1",) if host == "packages.example" else ("127.0.0.2",)


def protected(change: Change) -> list[str]:
    """Those files of the change that decide over others."""
    risky = re.compile(r"(^|/)\.git(/|$)|^\.gitmodules$|(^|/)CODEOWNERS$|^\.github/workflows/", re.IGNORECASE)
    return [file.path for file in change.files if risky.search(file.path)]
