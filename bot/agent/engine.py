"""The `claude` engine: one conversation for one order, in a tree, until the model is done or a limit is reached."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from bot.agent import prompt
from bot.agent.answers import answers
from bot.agent.closing import Closing, closing
from bot.agent.ledger import Ledger
from bot.agent.limit import Completed, End, Limits, Refused, Spent
from bot.agent.loop import Conversation, Steps, Tree
from bot.agent.message import Model, Turn
from bot.agent.price import Price
from bot.agent.tools.artifacts import Artifacts, NoArtifacts
from bot.agent.tools.bash import Bash, Commands
from bot.agent.tools.files import FileTools
from bot.agent.tools.judge import Judge
from bot.agent.tools.protected import Policy, Standing
from bot.agent.tools.skills import Skills
from bot.agent.tools.toolbox import Tools
from bot.agent.transcript_file import NoRecorder, Recorder
from bot.model.ask import Answer, Ask
from bot.model.brief import Brief
from bot.model.change import PhaseCost, Work
from bot.model.egress import Refusal
from bot.model.issue import Issue

NAME: Final = "claude"
Sandboxes = Callable[[Path], AbstractAsyncContextManager["Opened"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A sandbox for one conversation, and what its commands asked of the network and did not get, so far."""

    commands: Commands
    refused: Callable[[], tuple[Refusal, ...]] = field(default=lambda: ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What all conversations are held with; `sandbox` is None where no engine can hold a command."""

    model: Model
    model_name: str
    price: Price
    ledger: Ledger
    limits: Limits
    sandbox: Sandboxes | None = None
    recorder: Recorder = field(default_factory=NoRecorder)
    artifacts: Artifacts = field(default_factory=NoArtifacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one conversation works.

    Attributes:
        key: Names it in the books, in step names and in the transcript: unique and deterministic.
        root: The tree.
        tree: Keeps its states between turns.
        spent: What earlier conversations of the same draft used of its limits.
        state: The tree's state as they left it, "" for the commit it was opened at.
    """

    key: str
    root: Path
    brief: Brief
    issue: Issue
    steps: Steps
    tree: Tree
    judge: Judge
    policy: Policy = field(default_factory=Policy)
    spent: Spent = field(default_factory=Spent)
    state: str = ""


@dataclass(frozen=True, slots=True)
class Round:
    """Which repair it is, and of how many."""

    number: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How a conversation ended, what it cost and in which phase, and what the model wants people to know."""

    end: End
    spent: Spent
    closing: Closing
    refused: tuple[Refusal, ...] = ()
    answers: tuple[Answer, ...] = ()
    phase: str = "implementing"

    @property
    def work(self) -> Work:
        """Return it as an engine's account of its work."""
        return Work(
            engine=NAME,
            decisions=self.closing.decisions,
            confirm=self.closing.confirm,
            cost_usd=(cost := round(self.spent.dollars, 6)),
            phases=(PhaseCost(phase=self.phase, usd=cost),) if cost else (),
            ended="" if isinstance(self.end, Completed) else self.end.words,
            refused=self.refused,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaudeEngine:
    """Builds, repairs and revises by conversation; the files are in the tree afterwards, checked by nobody yet."""

    means: Means

    async def build(self, place: Place) -> Said:
        """Write what the issue asks for."""
        return await self._talk(place, prompt.implement(place.brief, place.issue))

    async def repair(self, place: Place, evidence: str, round_: Round) -> Said:
        """Mend what `evidence` shows."""
        task = prompt.repair(
            place.brief,
            place.issue,
            found=evidence,
            number=round_.number,
            most=round_.most,
            verify=place.judge.verifies,
        )
        return replace(await self._talk(place, task), phase="repairing")

    async def revise(self, place: Place, asks: tuple[Ask, ...]) -> Said:
        """Change what people ask for."""
        said = await self._talk(place, prompt.revise(place.brief, place.issue, asks, verify=place.judge.verifies))
        return replace(said, answers=answers(said.closing.text, asks), phase="revising")

    async def _talk(self, place: Place, task: str) -> Said:
        means = self.means
        async with AsyncExitStack() as stack:
            opened = await stack.enter_async_context(means.sandbox(place.root)) if means.sandbox else None
            tools = self._tools(place, opened)
            conversation = Conversation(
                key=place.key,
                model_name=means.model_name,
                system=prompt.system(
                    bash=tools.bash is not None, verify=place.judge.verifies, workflows=place.policy.workflows
                ),
                task=task,
                model=means.model,
                tools=tools,
                steps=place.steps,
                tree=place.tree,
                ledger=means.ledger,
                price=means.price,
                limits=means.limits,
                already=place.spent,
                state=place.state,
                recorder=means.recorder,
            )
            end, turns = await conversation.talk()
            refused = opened.refused() if opened else ()
        # A replay skipped the turns that wrote the files; and what was made with a request that was refused is dropped.
        await place.tree.restore(place.state if isinstance(end, Refused) or not turns else turns[-1].tree)
        words = end.words if isinstance(end, Completed) else ""
        return Said(end=end, spent=_sum(turns), closing=closing(words), refused=refused)

    def _tools(self, place: Place, opened: Opened | None) -> Tools:
        return Tools(
            files=FileTools(place.root, place.policy),
            skills=Skills(place.root, place.brief, place.issue),
            judge=place.judge,
            bash=Bash(opened.commands, Standing(place.root, place.policy)) if opened else None,
            artifacts=self.means.artifacts,
        )


def _sum(turns: tuple[Turn, ...]) -> Spent:
    spent = Spent()
    for turn in turns:
        spent = spent.plus(turn.reply.spent)
    return spent
