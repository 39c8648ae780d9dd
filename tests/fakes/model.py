"""A scripted model, a toolbox and the other parts of a conversation, in memory."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.agent.limit import Spent
from bot.agent.message import Block, Reply, Request, ToolResult
from bot.model.codec import from_json, to_json

T = TypeVar("T")


def says(text: str, stop_reason: str = "end_turn", dollars: float = 0.01) -> Reply:
    spent = Spent(turns=1, fresh=10, output=10, dollars=dollars)
    return Reply(content=({"type": "text", "text": text},), stop_reason=stop_reason, spent=spent)


def calls(*names: str, dollars: float = 0.01, size: int = 0) -> Reply:
    blocks: tuple[Block, ...] = tuple(
        {"type": "tool_use", "id": f"call_{name}_{index}", "name": name, "input": {"text": "x" * size}}
        for index, name in enumerate(names)
    )
    return Reply(content=blocks, stop_reason="tool_use", spent=Spent(turns=1, fresh=10, output=10, dollars=dollars))


@dataclass
class ScriptedModel:
    """Answers from a list; an exception in the list is raised; remembers every request as JSON."""

    script: list[Reply | Exception]
    requests: list[Request] = field(default_factory=list)

    async def reply(self, request: Request) -> Reply:
        self.requests.append(from_json(Request, to_json(request)))
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class EchoTools:
    """Two tools that answer with their name."""

    called: list[str] = field(default_factory=list)
    answer: str = "ok"

    @property
    def definitions(self) -> tuple[Block, ...]:
        return tuple(
            {"name": name, "description": name, "input_schema": {"type": "object"}} for name in ("Read", "Bash")
        )

    async def call(self, name: str, arguments: Any) -> ToolResult:
        self.called.append(f"{name} {json.dumps(arguments)[:20]}")
        return ToolResult(text=f"{name}: {self.answer}")


@dataclass
class StoredSteps:
    """Keeps step results as JSON; `again` replays them as a restarted process would."""

    stored: dict[str, bytes] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)

    async def run(self, name: str, kind: type[T], work: Callable[[], Awaitable[T]]) -> T:
        if name not in self.stored:
            self.ran.append(name)
            self.stored[name] = to_json(await work())
        return from_json(kind, self.stored[name])


@dataclass
class CountingTree:
    """Names its states by number."""

    states: int = 0
    restored: list[str] = field(default_factory=list)

    async def restore(self, state: str) -> None:
        self.restored.append(state)

    async def save(self) -> str:
        self.states += 1
        return f"state-{self.states}"
