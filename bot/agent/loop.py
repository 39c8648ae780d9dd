"""The conversation with the model: call, run its tools, call again, until it is done or a limit is reached."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from bot.agent import history
from bot.agent.ledger import Ledger
from bot.agent.limit import Budget, Cancelled, Completed, End, Failed, Limits, Refused, Spent
from bot.agent.message import Model, Reply, Request, Toolbox, ToolResult, Turn
from bot.agent.price import Price
from bot.agent.transcript_file import NoRecorder, Recorder
from bot.errors import GroundworkError

T = TypeVar("T")

# A model that is cut off again and again is writing something that does not fit; it is told so, then stopped.
_MOST_CUTS: Final = 3
_CUT: Final = (
    "Your answer was cut off at the output limit, and a tool call that was not complete was not run. Go on from there;"
    " write long files in several parts (Write the first, then Edit to append)."
)
_WINDOW_CHARACTERS: Final = 420_000


class ModelError(GroundworkError):
    """The model cannot be used; says why and what to do."""


class ContextExceededError(ModelError):
    """The request does not fit the model's window."""


class Steps(Protocol):
    """Runs one step durably (see `bot.workflow.ports.Steps`)."""

    async def run(self, name: str, kind: type[T], work: Callable[[], Awaitable[T]]) -> T:
        """Return what `work` returned, now or the first time."""
        ...


class Tree(Protocol):
    """The state of the workspace between turns, which is never durable by itself."""

    async def restore(self, state: str) -> None:
        """Bring the tree to `state` ("" for the start), where a replay skipped the turns that made it."""
        ...

    async def save(self) -> str:
        """Store what differs from the start, and return its name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Everything one conversation needs. `key` names it in the ledger and in step names: unique and deterministic.

    `already` is what earlier conversations used of the same limits, `state` that of the tree as they left it.
    """

    key: str
    model_name: str
    system: str
    task: str
    model: Model
    tools: Toolbox
    steps: Steps
    tree: Tree
    ledger: Ledger
    price: Price
    limits: Limits
    max_tokens: int = 16_000
    already: Spent = field(default_factory=Spent)
    state: str = ""
    cancelled: Callable[[], bool] = field(default=lambda: False)
    recorder: Recorder = field(default_factory=NoRecorder)

    async def talk(self) -> tuple[End, tuple[Turn, ...]]:
        """Talk to the end; return how it ended and every turn, oldest first."""
        self.recorder.begin(
            self.key,
            model=self.model_name,
            system=self.system,
            task=self.task,
            tools=self.tools.definitions,
            limits=self.limits,
        )
        end, turns = await self._talked()
        self.recorder.end(self.key, end)
        return end, turns

    async def _talked(self) -> tuple[End, tuple[Turn, ...]]:
        turns: list[Turn] = []
        nudges: dict[int, str] = {}
        above = _WINDOW_CHARACTERS
        spent = self.already
        while True:
            end = self._limit(spent)
            if end:
                return end, tuple(turns)
            told = history.compacted(history.messages(self.task, turns, nudges=nudges), above=above)
            try:
                turn = await self._turn(len(turns) + 1, history.marked(told), turns[-1].tree if turns else self.state)
            except ContextExceededError as error:
                if above < _WINDOW_CHARACTERS:
                    return Failed(words=error.what), tuple(turns)
                above = _WINDOW_CHARACTERS // 2
                continue
            except ModelError as error:
                return Failed(words=_with_step(error)), tuple(turns)
            if turn is None:
                return Budget(limit="the dollars that this and other runs share"), tuple(turns)
            turns.append(turn)
            self.recorder.turn(self.key, len(turns), turn)
            spent = spent.plus(turn.reply.spent)
            ended = self._ended(turn.reply, nudges, len(turns) - 1)
            if ended:
                return ended, tuple(turns)

    def _limit(self, spent: Spent) -> End | None:
        if self.cancelled():
            return Cancelled()
        over = spent.over(self.limits)
        return Budget(limit=over) if over else None

    async def _turn(self, number: int, messages: tuple[dict[str, object], ...], state: str) -> Turn | None:
        """One turn as one durable step: the call is paid and its tools are run, or neither is remembered."""
        name = f"{self.key}-turn-{number}"
        request = Request(
            model=self.model_name,
            system=self.system,
            tools=self.tools.definitions,
            messages=messages,
            max_tokens=self.max_tokens,
        )
        at_most = self.price.at_most(characters=history.size(messages) + len(self.system), max_output=self.max_tokens)

        async def take() -> Turn | None:
            reservation = self.ledger.reserve(name, at_most)
            if reservation is None:
                return None
            cost = 0.0
            try:
                await self.tree.restore(state)
                reply = await self.model.reply(request)
                cost = reply.spent.dollars
            finally:
                self.ledger.settle(reservation, cost)
            results: dict[str, ToolResult] = {}
            if reply.stop_reason == "tool_use":
                for call in reply.calls:  # in the order given: a later call may need an earlier one's effect
                    results[call["id"]] = await self.tools.call(call["name"], call["input"])
            return Turn(reply=_sendable(reply), results=results, tree=await self.tree.save())

        return await self.steps.run(name, Turn | None, take)  # type: ignore[arg-type]

    def _ended(self, reply: Reply, nudges: dict[int, str], index: int) -> End | None:
        """Return how the reply ends the conversation; None where it goes on."""
        reason = reply.stop_reason
        if reason == "max_tokens":
            nudges[index] = _CUT
            cut_again = all(index - back in nudges for back in range(_MOST_CUTS))
            return Budget(limit=f"the output limit, {_MOST_CUTS} times in a row") if cut_again else None
        ends: dict[str, End | None] = {
            "tool_use": None,
            "pause_turn": None,
            "end_turn": Completed(words=reply.text),
            "stop_sequence": Completed(words=reply.text),
            "refusal": Refused(),
            "model_context_window_exceeded": Budget(limit="the size of the model's window"),
        }
        unknown = Failed(words=f"the model stopped for a reason this version does not know: {reason}")
        return ends.get(reason, unknown)


def _sendable(reply: Reply) -> Reply:
    """The reply as it may be sent back: without tool calls that were cut off, and never empty."""
    if reply.stop_reason == "tool_use":
        return reply
    kept = tuple(block for block in reply.content if block.get("type") != "tool_use")
    content = kept or ({"type": "text", "text": "(nothing)"},)
    return Reply(content=content, stop_reason=reply.stop_reason, spent=reply.spent, model=reply.model)


def _with_step(error: GroundworkError) -> str:
    """Return what happened and the next step, in one sentence."""
    return f"{error.what.rstrip('.')}: {error.hint}" if error.hint else error.what
