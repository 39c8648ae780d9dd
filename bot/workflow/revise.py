"""The story of a revision, in order: what people ask of a pull request is done or declined, proved, and answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bot.model.ask import Answer, Ask, Asked
from bot.model.brief import Brief
from bot.model.issue import Issue
from bot.report import review_answer
from bot.workflow.draft import Draft, Order
from bot.workflow.implement import Ports, Proposed, Task, begin, propose, prove, understand
from bot.workflow.ports import Steps
from bot.workflow.site import Reviews

_SILENT: Final = "nothing was said about it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revising:
    """What a revision is about: the issue and branch of a pull request, and how often it may be revised and proved."""

    issue: Issue
    pull: int
    branch: str
    rounds: int
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """How a revision ended.

    Attributes:
        asked: How many asks were answered; 0 where another revision had answered them all.
        done: How many of them were done.
        proposed: The renewed pull request; None where nothing was changed.
    """

    asked: int = 0
    done: int = 0
    proposed: Proposed | None = None


async def revise(about: Revising, ports: Ports, reviews: Reviews, steps: Steps) -> Revised:
    """Answer everything that waits on the pull request, once; `steps` is for what nobody needs to be told of.

    Raises:
        RepositoryError: The branch cannot be worked on, or it moved while the revision went on.
    """
    asked = await steps.run("gather", Asked, lambda: reviews.waiting(about.pull))
    if not asked.asks:
        return Revised()
    if asked.round > about.rounds:
        for ask in asked.asks:
            text = review_answer.too_many(about.rounds, about.issue.number)
            await _answer(about, asked, ask, text, done=False, reviews=reviews, steps=steps)
        return Revised(asked=len(asked.asks))
    base = await begin(about.branch, ports)
    brief = await ports.steps.run("brief", Brief, lambda: understand(about.issue, base, ports))
    order = Order(issue=about.issue, brief=brief, head=base.head, base=base.commit, asks=asked.asks)
    draft = await ports.drafter.draft("revise", order)
    proposed: Proposed | None = None
    if not draft.change.empty or base.merged:
        task = Task(issue=about.issue, base=base, brief=brief, revised=True)
        last = await prove(task, draft, ports, attempts=about.attempts)
        proposed = await propose(task, last, ports)
    answers = _answers(asked.asks, draft, changed=not draft.change.empty)
    for ask in asked.asks:
        answer = answers[ask.key]
        if answer.done and proposed:
            text = review_answer.done(answer.words, proposed.proposal.head, proposed.proposal.health)
        else:
            text = review_answer.declined(ask, answer.words, draft.work.engine, about.issue.number)
        await _answer(about, asked, ask, text, done=answer.done, reviews=reviews, steps=steps)
    done = sum(answer.done for answer in answers.values())
    return Revised(asked=len(asked.asks), done=done, proposed=proposed)


def _answers(asks: tuple[Ask, ...], draft: Draft, *, changed: bool) -> dict[str, Answer]:
    """Return one answer for each ask; what is called done without any change in the files was not done."""
    found = {answer.ask: answer for answer in draft.answers}
    silent = f"the engine ended early: {draft.work.ended}" if draft.work.ended else _SILENT
    answers = {ask.key: found.get(ask.key) or Answer(ask=ask.key, done=False, words=silent) for ask in asks}
    return {key: replace(answer, done=answer.done and changed) for key, answer in answers.items()}


async def _answer(
    about: Revising, asked: Asked, ask: Ask, text: str, *, done: bool, reviews: Reviews, steps: Steps
) -> None:
    async def answered() -> str:
        await reviews.answer(about.pull, ask, text, round_=asked.round)
        if done and ask.kind == "thread":
            await reviews.resolve(about.pull, ask)
        return ask.key

    await steps.run(f"answer-{ask.key}", str, answered)
