"""`.github/groundwork.yml`: what it may say, what is wrong with it, and which file counts."""

from __future__ import annotations

import pytest

from bot.errors import UsageError
from bot.model.policy import Policy
from bot.parse.repository_config import KEYS, read_policy
from bot.parse.source import Source

PATH = ".github/groundwork.yml"
ALL = """\
trusted: [renovate[bot], mona]
reviewers:
  - "@mona"
  - acme/platform
labels: infrastructure
draft: always
attempts: 2
rounds: 4
engine: blueprint
commits: verified
verification: none
check:
  ignore: [DF09]
"""


def read(text: str) -> Policy:
    return read_policy(Source(PATH, text))


def test_each_key_is_read() -> None:
    policy = read(ALL.replace("[renovate[bot], mona]", "['renovate[bot]', mona]"))
    assert policy == Policy(
        said=frozenset(KEYS) - {"check"},
        trusted=("renovate[bot]", "mona"),
        reviewers=("mona", "acme/platform"),
        labels=("infrastructure",),
        draft="always",
        attempts=2,
        rounds=4,
        engine="blueprint",
        commits="verified",
        verification="none",
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "reviewers:\nlabels: null\n"])
def test_a_file_that_says_nothing_wants_nothing(text: str) -> None:
    assert read(text) == Policy()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n", "1:1: the file must be a mapping"),
        ("labels: [a]\nreviewer: mona\n", "2:1: there is no key `reviewer`"),
        ("draft: maybe\n", "1:8: `draft` is one of until-healthy, always, never"),
        ("commits: signed\n", "1:10: `commits` is one of pushed, verified"),
        ("attempts: 11\n", "1:11: `attempts` is a number from 1 to 10"),
        ("attempts: true\n", "1:11: `attempts` is a number"),
        ("rounds: '3'\n", "1:9: `rounds` is a number"),
        ("reviewers: [mona, 'two words']\n", "1:19: each of `reviewers` is a login"),
        ("trusted:\n  name: mona\n", "2:3: each of `trusted` is a login"),
        ("labels: [" + "a, " * 50 + "a]\n", "1:9: `labels` has 51 entries"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(text)
    assert raised.value.what.startswith(f"{PATH}:{said}")


def test_the_repository_counts_key_by_key_and_neither_may_ask_for_more_than_the_server_allows() -> None:
    own, shared = read("reviewers: [mona]\nattempts: 9\n"), read("reviewers: [lisa]\nlabels: [ops]\nrounds: 2\n")
    both = own.over(shared).within(attempts=3, rounds=10)
    assert (both.reviewers, both.labels, both.attempts, both.rounds) == (("mona",), ("ops",), 3, 2)
    assert Policy().within(attempts=3, rounds=10).attempts == 3


def test_a_login_is_trusted_however_it_is_spelt() -> None:
    assert read("trusted: ['Renovate[bot]']\n").trusts("renovate[bot]")
    assert not read("trusted: [mona]\n").trusts("mona2")
