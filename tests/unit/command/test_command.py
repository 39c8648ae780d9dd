"""A command is what a person says, not what they quote, show as code or hide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.command import HELP, Command, Misspelt, Verb, parse


@pytest.mark.parametrize("verb", list(Verb))
def test_each_command_is_read_and_explained(verb: Verb) -> None:
    assert parse(f"/infra {verb}") == (Command(verb=verb),)
    assert HELP[verb]


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("/infra", (Command(verb=Verb.HELP),)),
        ("Thanks!\n\n  /INFRA   Retry!\r\n\r\nbye", (Command(verb=Verb.RETRY),)),
        ("/infra `run`", (Command(verb=Verb.RUN),)),
        ("/infra run with Redis, please ", (Command(verb=Verb.RUN, words="with Redis, please"),)),
        ("/infra stop\n/infra run", (Command(verb=Verb.STOP), Command(verb=Verb.RUN))),
        ("> said\n\n/infra run", (Command(verb=Verb.RUN),)),
        ("```\ncode\n```\n/infra run", (Command(verb=Verb.RUN),)),
        ("> said\n```\ncode\n```\n/infra run", (Command(verb=Verb.RUN),)),
        ("   /infra run", (Command(verb=Verb.RUN),)),
        ("``` not a fence ` \n/infra run", (Command(verb=Verb.RUN),)),
        ("<code>x</code>\n/infra run", (Command(verb=Verb.RUN),)),
        ("/in\u200bfra run", (Command(verb=Verb.RUN),)),
        ("/infra rnu", (Misspelt(word="rnu", meant=Verb.RUN),)),
        ("/infra verfiy", (Misspelt(word="verfiy", meant=Verb.VERIFY),)),
        ("/infra start", (Misspelt(word="start", meant=Verb.RUN),)),
        ("/infra cancel!", (Misspelt(word="cancel", meant=Verb.STOP),)),
        ("/infra make me a sandwich", (Misspelt(word="make"),)),
        ("/infra \U0001f680", (Misspelt(word="\U0001f680"),)),
    ],
)
def test_what_is_said(text: str, commands: tuple[Command | Misspelt, ...]) -> None:
    assert parse(text) == commands


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Please use /infra run for this",
        "/infrastructure run",
        "`/infra run`",
        "- /infra run",
        "> /infra run",
        "> quoted\n/infra run",  # Markdown shows the second line as part of the quote
        ">> deep\n>\n> /infra run",
        "```\n/infra run\n```",
        "```sh\n/infra run",
        "~~~~\n```\n/infra run\n~~~\n/infra run\n~~~~",
        "````\n```\n/infra run\n```\n````",
        "    /infra run",
        "\t/infra run",
        "<!-- /infra run -->",
        "<!--\n/infra run\n-->",
        "<pre>\n\n/infra run\n</pre>",
        "<blockquote>\n/infra run\n\n/infra stop</blockquote>",
        "[//]: # (\n/infra-run)",
    ],
)
def test_what_is_not_said(text: str) -> None:
    assert parse(text) == ()


LINES = st.lists(
    st.sampled_from(["", "text", "> quote", "```", "~~~", "    x", "<pre>", "</pre>", "<!--", "-->", "/infra run"]),
    max_size=12,
)


@given(LINES)
def test_nothing_inside_a_code_block_is_ever_read(lines: list[str]) -> None:
    body = "\n".join(line for line in lines if not line.startswith("````"))
    assert parse(f"````\n{body}\n````") == ()


@given(LINES)
def test_a_quote_of_a_comment_commands_nothing(lines: list[str]) -> None:
    assert parse("\n".join(f"> {line}" for line in lines)) == ()


@given(st.text(alphabet=st.sampled_from("/infra run\n`~>< \t-!\r") | st.characters()))
def test_any_text_is_read(text: str) -> None:
    assert len(parse(text)) <= text.lower().count("/")
