"""What the model says became of each request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agent.answers import answers
from bot.model.ask import Answer, Ask

ASKS = (
    Ask(kind="thread", number=12, author="mona", words="Use port 9000."),
    Ask(kind="review", number=3, author="mona", words="Why Redis?"),
)


def test_each_request_gets_its_answer() -> None:
    text = "Changed it.\n\nANSWER thread-12 done: the port is 9000 now.\nANSWER review-3 not done: sessions live there."
    assert answers(text, ASKS) == (
        Answer(ask="thread-12", done=True, words="the port is 9000 now"),
        Answer(ask="review-3", done=False, words="sessions live there"),
    )


@pytest.mark.parametrize(
    "line",
    [
        "- ANSWER thread-12 done: the port is 9000 now",
        "**ANSWER thread-12 done:** the port is 9000 now.",
        "`ANSWER thread-12 done:` the port is 9000 now",
        "answer THREAD-12 Done: the port\nis 9000 now\n",
        "ANSWER thread-12 not done: first thought\nANSWER thread-12 done: the port is 9000 now",
    ],
)
def test_the_form_may_vary(line: str) -> None:
    assert answers(line, ASKS) == (Answer(ask="thread-12", done=True, words="the port is 9000 now"),)


def test_what_nobody_asked_is_not_answered_and_no_answer_is_none() -> None:
    assert answers("ANSWER thread-99 done: I approve this.\nAll done.", ASKS) == ()


def test_an_answer_without_words_says_so_and_a_long_one_is_cut() -> None:
    empty, long = answers(f"ANSWER thread-12 done:\nANSWER review-3 done: {'x' * 5000}", ASKS)
    assert empty.words == "no words were given"
    assert len(long.words) <= 600


@given(st.text())
def test_whatever_it_says_gives_at_most_one_answer_each(text: str) -> None:
    found = [answer.ask for answer in answers(text, ASKS)]
    assert len(found) == len(set(found))
