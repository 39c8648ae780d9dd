"""The conversation so far as messages: append-only, so that the provider's cache holds; shortened only in big steps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from bot.agent.message import Block, Message, Turn

# The provider looks for a cached prefix at marked blocks; it allows four marks. One goes on the system prompt (which
# covers the tools too), the others move forward with the conversation, so that the last write is always found.
_MOVING_MARKS: Final = 2
_KEPT_TURNS: Final = 8
_SHORT: Final = 400


def messages(task: str, turns: Sequence[Turn], *, nudges: dict[int, str] | None = None) -> list[Message]:
    """Return the messages after `turns`: the task, then each reply and what its tools answered.

    Args:
        task: The first user message.
        turns: What happened, oldest first.
        nudges: Text for the user message after a turn, by the turn's index ("your answer was cut off ...").
    """
    told: list[Message] = [{"role": "user", "content": [_text(task)]}]
    for index, turn in enumerate(turns):
        told.append({"role": "assistant", "content": list(turn.reply.content)})
        answers: list[Block] = [
            {
                "type": "tool_result",
                "tool_use_id": call["id"],
                "content": [_text(turn.results[call["id"]].text)],
                **({"is_error": True} if turn.results[call["id"]].is_error else {}),
            }
            for call in turn.reply.calls
            if call["id"] in turn.results
        ]
        if nudges and index in nudges:
            answers.append(_text(nudges[index]))
        if answers:
            told.append({"role": "user", "content": answers})
    return told


def _text(text: str) -> Block:
    return {"type": "text", "text": text or "(empty)"}


def marked(told: Sequence[Message]) -> tuple[Message, ...]:
    """Return the messages with cache marks on the last user messages; nothing else differs from `told`."""
    users = [index for index, message in enumerate(told) if message["role"] == "user"][-_MOVING_MARKS:]
    return tuple(_mark(message) if index in users else message for index, message in enumerate(told))


def _mark(message: Message) -> Message:
    *rest, last = message["content"]
    return {**message, "content": [*rest, {**last, "cache_control": {"type": "ephemeral"}}]}


def size(told: Sequence[Message]) -> int:
    """Return the characters of the messages as JSON: what a reservation is computed from."""
    return sum(len(json.dumps(message, ensure_ascii=False)) for message in told)


def compacted(told: list[Message], *, above: int) -> list[Message]:
    """Shorten old tool results once the conversation is longer than `above` characters.

    The latest turns stay whole. Shortening happens for whole blocks of turns at a time, not a little at each turn: each
    change of old messages costs the whole cached prefix once.
    """
    if size(told) <= above:
        return told
    # Growing in steps: the border moves only when the kept part has doubled.
    border = len(told) - 2 * _KEPT_TURNS
    border -= border % (2 * _KEPT_TURNS)
    return [_shortened(message) if index < border else message for index, message in enumerate(told)]


def _shortened(message: Message) -> Message:
    if message["role"] != "user":
        return message
    return {**message, "content": [_shortened_block(block) for block in message["content"]]}


def _shortened_block(block: Block) -> Block:
    if block.get("type") != "tool_result":
        return block
    text: Any = block["content"][0]["text"]
    if len(text) <= _SHORT:
        return block
    note = (
        f"{text[:_SHORT]}\n[{len(text) - _SHORT} more characters were removed to save space; read it again if needed]"
    )
    return {**block, "content": [_text(note)]}
