"""The conversation with the model, against a scripted one."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from typing import Any

import pytest

from bot.agent.ledger import MemoryLedger
from bot.agent.limit import Budget, Cancelled, Completed, End, Failed, Limits, Refused
from bot.agent.loop import ContextExceededError, Conversation, ModelError
from bot.agent.message import Reply, Request, Turn
from bot.agent.price import price_of
from tests.fakes.model import CountingTree, EchoTools, ScriptedModel, StoredSteps, calls, says

MODEL = "claude-sonnet-4-5-20250929"


def conversation(script: list[Reply | Exception], **changes: Any) -> Conversation:
    parts: dict[str, Any] = {
        "key": "run-1-write",
        "model_name": MODEL,
        "system": "You build infrastructure.",
        "task": "Build it.",
        "model": ScriptedModel(script),
        "tools": EchoTools(),
        "steps": StoredSteps(),
        "tree": CountingTree(),
        "ledger": MemoryLedger(cap=100.0),
        "price": price_of(MODEL),
        "limits": Limits(),
    }
    return Conversation(**{**parts, **changes})


def talked(talk: Conversation) -> tuple[End, tuple[Turn, ...]]:
    return asyncio.run(talk.talk())


def test_tools_run_in_order_and_their_answers_go_back() -> None:
    talk = conversation([calls("Read", "Bash"), says("done")])
    end, turns = talked(talk)
    assert end == Completed(words="done")
    assert [call.split()[0] for call in talk.tools.called] == ["Read", "Bash"]  # type: ignore[attr-defined]
    answers = talk.model.requests[1].messages[-1]["content"]  # type: ignore[attr-defined]
    assert [block["tool_use_id"] for block in answers] == ["call_Read_0", "call_Bash_1"]
    assert len(turns) == 2


@pytest.mark.parametrize(
    ("script", "end"),
    [
        ([says("no", "refusal")], Refused()),
        ([says("", "model_context_window_exceeded")], Budget(limit="the size of the model's window")),
        ([says("...", "pause_turn"), says("done")], Completed(words="done")),
        ([says("part", "max_tokens"), says("done")], Completed(words="done")),
        ([says("part", "max_tokens")] * 3, Budget(limit="the output limit, 3 times in a row")),
        (
            [ModelError("The model key is not valid.", hint="set it")],
            Failed(words="The model key is not valid: set it"),
        ),
    ],
)
def test_each_way_to_stop_has_its_end(script: list[Reply | Exception], end: End) -> None:
    assert talked(conversation(list(script)))[0] == end


def test_an_unknown_stop_reason_is_said_not_guessed() -> None:
    end, _turns = talked(conversation([says("", "moon_phase")]))
    assert isinstance(end, Failed)
    assert "moon_phase" in end.words


def test_a_cut_answer_s_incomplete_tool_call_is_neither_run_nor_sent_back() -> None:
    cut = calls("Bash")
    talk = conversation([Reply(content=cut.content, stop_reason="max_tokens", spent=cut.spent), says("done")])
    talked(talk)
    assert talk.tools.called == []  # type: ignore[attr-defined]
    assert "tool_use" not in json.dumps(talk.model.requests[1].messages)  # type: ignore[attr-defined]
    assert "cut off" in json.dumps(talk.model.requests[1].messages[-1])  # type: ignore[attr-defined]


def test_limits_end_it_before_the_next_call() -> None:
    assert talked(conversation([calls("Read")] * 9, limits=Limits(turns=2)))[0] == Budget(limit="the limit of 2 turns")
    dear = conversation([calls("Read", dollars=0.6)] * 9, limits=Limits(dollars=1.0))
    assert talked(dear)[0] == Budget(limit="the budget of $1.00")
    assert len(dear.model.requests) == 2  # type: ignore[attr-defined]


def test_a_shared_cap_that_would_not_hold_stops_it_before_paying() -> None:
    talk = conversation([says("done")], ledger=MemoryLedger(cap=0.0001))
    assert isinstance(talked(talk)[0], Budget)
    assert talk.model.requests == []  # type: ignore[attr-defined]


def test_cancelling_ends_it_between_turns() -> None:
    assert talked(conversation([says("done")], cancelled=lambda: True))[0] == Cancelled()


def test_a_failed_call_costs_nothing_in_our_books() -> None:
    ledger = MemoryLedger(cap=100.0)
    talked(conversation([ModelError("gone")], ledger=ledger))
    assert ledger.spent == ledger.reserved == 0.0


def test_a_resumed_conversation_pays_no_turn_twice_and_restores_the_tree() -> None:
    steps = StoredSteps()
    first = conversation([calls("Read"), calls("Bash"), RuntimeError("the process dies")], steps=steps)
    with pytest.raises(RuntimeError):
        talked(first)
    tree = CountingTree()
    second = conversation([says("done")], steps=steps, tree=tree)
    end, turns = talked(second)
    assert end == Completed(words="done")
    assert len(turns) == 3
    assert len(second.model.requests) == 1, "two turns were paid by the first process"  # type: ignore[attr-defined]
    assert tree.restored == ["state-2"], "the tree is as the last finished turn left it"
    assert second.tools.called == []  # type: ignore[attr-defined]


def unmarked(request: Request) -> list[str]:
    """Each message as JSON without cache marks, which move."""
    messages = json.loads(json.dumps(list(request.messages)))
    for message in messages:
        for block in message["content"]:
            block.pop("cache_control", None)
    return [json.dumps(message) for message in messages]


def test_the_prefix_is_identical_over_thirty_turns_and_its_marks_move_forward() -> None:
    talk = conversation([*[calls("Read", size=50) for _ in range(30)], says("done")])
    talked(talk)
    requests: list[Request] = talk.model.requests  # type: ignore[attr-defined]
    assert len(requests) == 31
    for before, after in pairwise(requests):
        assert (before.system, before.tools) == (after.system, after.tools)
        assert unmarked(after)[: len(before.messages)] == unmarked(before)
        places = [index for index, message in enumerate(after.messages) if "cache_control" in json.dumps(message)]
        assert places[-1] == len(after.messages) - 1, "what is new is written to the cache"
        assert len(after.messages) - 3 in places or len(places) == 1, "what the last turn wrote is found"
        assert len(places) <= 3, "the provider allows four marks, one is on the system prompt"


def test_old_tool_results_are_shortened_before_the_window_is_full_and_rarely() -> None:
    tools = EchoTools(answer="y" * 20_000)
    talk = conversation([*[calls("Read") for _ in range(60)], says("done")], tools=tools)
    talked(talk)
    requests: list[Request] = talk.model.requests  # type: ignore[attr-defined]
    longest = max(len(json.dumps(list(request.messages))) for request in requests)
    assert longest < 800_000
    broken = sum(unmarked(after)[: len(before.messages)] != unmarked(before) for before, after in pairwise(requests))
    assert 0 < broken <= 60 // 8, "each shortening costs the cached prefix once"


def test_a_request_that_does_not_fit_is_shortened_once_and_then_given_up() -> None:
    tools = EchoTools(answer="y" * 12_000)
    script = [*[calls("Read") for _ in range(25)], ContextExceededError("too long"), says("done")]
    assert talked(conversation(list(script), tools=tools))[0] == Completed(words="done")
    script = [*[calls("Read") for _ in range(25)], ContextExceededError("too long"), ContextExceededError("still")]
    assert talked(conversation(list(script), tools=tools))[0] == Failed(words="still")
