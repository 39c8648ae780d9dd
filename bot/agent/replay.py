"""A conversation played again from its transcript: the model's part is read, the tools really run."""

from __future__ import annotations

from dataclasses import dataclass

from bot.agent.loop import ModelError
from bot.agent.message import Reply, Request, Turn
from bot.agent.transcript import Talk


@dataclass(frozen=True, slots=True)
class ReplayModel:
    """Answers as the model did in `talk`."""

    talk: Talk

    async def reply(self, request: Request) -> Reply:
        """Return what the model answered at this point.

        Raises:
            ModelError: The transcript ends here.
        """
        number = sum(message["role"] == "assistant" for message in request.messages)
        if number >= len(self.talk.turns):
            raise ModelError(
                f"The transcript of {self.talk.begin.key} ends after {len(self.talk.turns)} turns.",
                hint="it is of a run that broke off there",
            )
        reply: Reply = self.talk.turns[number].reply
        return reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A tool that answered otherwise than it did then; `turn` counts from 1."""

    turn: int
    tool: str
    then: str
    now: str


def differences(talk: Talk, turns: tuple[Turn, ...]) -> tuple[Difference, ...]:
    """Return where `turns`, played again, differ from those of `talk`."""
    found = []
    for number, (before, after) in enumerate(zip(talk.turns, turns, strict=False), start=1):
        for call in before.reply.calls:
            then, now = before.results.get(call["id"]), after.results.get(call["id"])
            if then and now and (then.text, then.is_error) != (now.text, now.is_error):
                found.append(Difference(turn=number, tool=call["name"], then=then.text, now=now.text))
    return tuple(found)
