"""What is said between us and the model, as JSON-serialisable values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.agent.limit import Spent

Block = dict[str, Any]  # a content block exactly as the Messages API has it
Message = dict[str, Any]  # {"role": ..., "content": [Block, ...]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call to the model. `system` and `tools` never change within a conversation: caching depends on it."""

    model: str
    system: str
    tools: tuple[Block, ...]
    messages: tuple[Message, ...]
    max_tokens: int = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the model answered.

    Attributes:
        content: Its blocks, to be sent back unchanged.
        stop_reason: As the API names it: end_turn, tool_use, max_tokens, refusal, pause_turn, ...
        spent: What the call cost.
        model: The model that answered.
    """

    content: tuple[Block, ...]
    stop_reason: str
    spent: Spent
    model: str = ""

    @property
    def text(self) -> str:
        """Its text blocks, joined."""
        return "\n".join(block["text"] for block in self.content if block.get("type") == "text")

    @property
    def calls(self) -> tuple[Block, ...]:
        """Its tool calls, in order."""
        return tuple(block for block in self.content if block.get("type") == "tool_use")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What a tool answered; `text` is bounded, `artifact` names the full text where more was said."""

    text: str
    is_error: bool = False
    artifact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One durable step: what the model said, what its tools answered, and the tree after them.

    Attributes:
        results: For each of the reply's calls, by call id.
        tree: Names the state of the tree after the turn, as the workspace of the run keeps it.
    """

    reply: Reply
    results: dict[str, ToolResult] = field(default_factory=dict)
    tree: str = ""


class Model(Protocol):
    """A model that can be called."""

    async def reply(self, request: Request) -> Reply:
        """Return its answer.

        Raises:
            ContextExceededError: the request does not fit the model's window.
            ModelError: it could not be used, after bounded retries; the words say why and what to do.
        """
        ...


class Toolbox(Protocol):
    """The tools of one conversation."""

    @property
    def definitions(self) -> tuple[Block, ...]:
        """As the API wants them, in a fixed order."""
        ...

    async def call(self, name: str, arguments: Any) -> ToolResult:
        """Run one tool; wrong names and arguments give an error result that teaches, never an exception."""
        ...
