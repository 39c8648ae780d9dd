"""The client of the Messages API against a server that streams, refuses, and breaks off."""

from __future__ import annotations

import asyncio

import pytest

from bot.agent.connect import Access, model, price_from
from bot.agent.loop import ContextExceededError, ModelError
from bot.agent.message import Reply, Request
from bot.agent.price import Price, price_of
from bot.errors import UsageError
from tests.fakes.messages_server import Answer, Trouble, messages_server

NAME = "claude-sonnet-4-5-20250929"


def ask(url: str, naps: list[float] | None = None) -> Reply:
    waited = naps if naps is not None else []

    async def nap(seconds: float) -> None:
        waited.append(seconds)

    async def story() -> Reply:
        client = model(Access(key="sk-test", url=url), price_of(NAME))
        client._sleep = nap
        try:
            return await client.reply(
                Request(model=NAME, system="s", tools=(), messages=({"role": "user", "content": "m"},))
            )
        finally:
            await client._client.close()

    return asyncio.run(story())


def test_text_and_tool_calls_come_out_of_the_stream_with_what_they_cost() -> None:
    answer = Answer(text="I look.", calls=(("Read", {"file_path": "a"}),), usage=(1000, 2000, 3000, 400))
    with messages_server(answer) as server:
        reply = ask(server.url)
    assert reply.stop_reason == "tool_use"
    assert reply.text == "I look."
    assert [(call["name"], call["input"]) for call in reply.calls] == [("Read", {"file_path": "a"})]
    spent = reply.spent
    assert (spent.fresh, spent.written, spent.read, spent.output) == (1000, 2000, 3000, 400)
    assert spent.dollars == pytest.approx((1000 * 3 + 2000 * 3.75 + 3000 * 0.3 + 400 * 15) / 1e6)
    assert server.requests[0]["system"][0]["cache_control"] == {"type": "ephemeral"}


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(429, "rate_limit_error"),
        Trouble(529, "overloaded_error"),
        Trouble(500),
        Trouble(200, "overloaded_error"),
        Trouble(200, breaks_off=True),
    ],
)
def test_what_passes_is_tried_again(trouble: Trouble) -> None:
    naps: list[float] = []
    with messages_server(trouble, trouble, Answer("done")) as server:
        assert ask(server.url, naps).text == "done"
    assert len(server.requests) == 3
    assert len(naps) == 2


def test_the_server_says_how_long_to_wait_and_is_heard_within_bounds() -> None:
    naps: list[float] = []
    script = (Trouble(429, retry_after="7"), Trouble(429, retry_after="9999"), Answer("done"))
    with messages_server(*script) as server:
        ask(server.url, naps)
    assert naps == [7.0, 60.0]


def test_trouble_that_does_not_pass_ends_after_six_tries() -> None:
    with messages_server(Trouble(529, "overloaded_error", "too much")) as server:
        with pytest.raises(ModelError, match="6 tries; the last said: too much"):
            ask(server.url, [])
        assert len(server.requests) == 6


@pytest.mark.parametrize(
    ("trouble", "error", "words"),
    [
        (Trouble(401, "authentication_error"), ModelError, "key is not valid"),
        (Trouble(403, "permission_error", "no credit"), ModelError, "no credit"),
        (Trouble(404, "not_found_error"), ModelError, "not known"),
        (Trouble(400, "invalid_request_error", "prompt is too long: 250000"), ContextExceededError, "window"),
        (Trouble(400, "invalid_request_error", "bad tool"), ModelError, "bad tool"),
    ],
)
def test_what_does_not_pass_is_told_with_its_next_step_and_not_tried_again(
    trouble: Trouble, error: type[ModelError], words: str
) -> None:
    with messages_server(trouble) as server:
        with pytest.raises(error, match=words):
            ask(server.url)
        assert len(server.requests) == 1


def test_a_price_in_the_settings_is_four_numbers() -> None:
    assert price_from("") is None
    assert price_from("3, 3.75,0.3,15") == Price(input=3, cache_write=3.75, cache_read=0.3, output=15)
    for wrong in ("3", "a,b,c,d", "1,2,3,4,5"):
        with pytest.raises(UsageError, match="not understood"):
            price_from(wrong)


def test_without_a_key_it_is_said_what_to_do() -> None:
    with pytest.raises(UsageError, match="needs a model key"):
        model(Access(), price_of(NAME))
