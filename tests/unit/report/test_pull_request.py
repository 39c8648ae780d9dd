"""The pull request's text: what it says, its limits, and that nothing in it gets out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from syrupy.assertion import SnapshotAssertion

from bot.model.egress import Refusal
from bot.model.health import Outcome
from bot.model.proposal import Proposal
from bot.report.fitting import GITHUB_LIMIT, length
from bot.report.pull_request import pull_request_markdown, pull_request_title
from tests.unit.report import proposals
from tests.unit.report.hostile import hostile_proposals, proposal_of
from tests.unit.report.reading import ATTACKS, assert_contained, read


@pytest.mark.parametrize("name", list(proposals.ALL))
def test_text(name: str, snapshot: SnapshotAssertion) -> None:
    assert pull_request_markdown(proposals.ALL[name], rules=51) == snapshot


def test_an_issue_of_the_forge_is_closed_and_a_local_file_is_not() -> None:
    assert pull_request_markdown(proposals.SHOP).startswith("Closes #12\n")
    assert "Closes" not in pull_request_markdown(proposals.LOCAL)


def test_a_draft_says_why_before_anything_else() -> None:
    second = pull_request_markdown(proposals.DRAFT).split("\n\n")[1]
    assert second == ("**Draft. ❌ Not healthy: `backend` never became healthy, because its check looks at IPv6.**")


def test_the_commands_fit_the_files() -> None:
    without = replace(proposals.SHOP, change=replace(proposals.SHOP.change, files=()))
    assert "`cd src && docker compose up`" in pull_request_markdown(without)
    odd = replace(proposals.SHOP, stack=replace(proposals.STACK, path="stack.yml"))
    assert "`docker compose -f stack.yml up`" in pull_request_markdown(odd)


def test_a_service_without_check_stands_out() -> None:
    first, *others = proposals.STACK.services
    bare = replace(first, check="", check_words="")
    text = pull_request_markdown(replace(proposals.SHOP, stack=replace(proposals.STACK, services=(bare, *others))))
    assert "| **none** |" in text


def test_what_was_written_and_cannot_be_run_here_is_said() -> None:
    work = replace(proposals.SHOP.work, unverified=("No cluster has run the Kubernetes manifests.",))
    text = pull_request_markdown(replace(proposals.SHOP, work=work))
    assert "No cluster has run the Kubernetes manifests" in text[text.index("What was not verified") :]


def test_what_the_sandbox_was_refused_is_listed_with_the_command_that_asked() -> None:
    refused = Refusal(target="evil.example:443", why="this host is not on the list", command="npm i", times=3)
    text = pull_request_markdown(replace(proposals.SHOP, work=replace(proposals.SHOP.work, refused=(refused,))))
    assert "What the sandbox was refused: 1 request" in text
    assert "| `evil.example:443` | 3 | this host is not on the list | `npm i` |" in text
    assert "sandbox" not in pull_request_markdown(proposals.SHOP)


def test_the_title_is_one_plain_line() -> None:
    assert pull_request_title(proposals.SHOP) == "Add infrastructure for the shop"
    long = pull_request_title(replace(proposals.SHOP, title="a\x1b[31m\nb " * 100))
    assert len(long) <= 120
    assert long.isprintable()
    assert pull_request_title(replace(proposals.SHOP, title="\x07\n".replace("\x07", ""))) == "Infrastructure"


@given(hostile_proposals)
@settings(max_examples=60)
def test_hostile_text_stays_where_it_was_put(proposal: Proposal) -> None:
    assert_contained(pull_request_markdown(proposal).removeprefix("Closes #12\n"), headings=0, links=LINKS)


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_attack_alone_is_contained(attack: str) -> None:
    text = pull_request_markdown(proposal_of(attack, Outcome.UNHEALTHY)).removeprefix("Closes #12\n")
    assert_contained(text, headings=0, links=LINKS)


@pytest.mark.parametrize("words", ["🧱|`*_<@#" * 500, "x" * 20_000, "|" * 5000])
def test_the_largest_proposal_fits(words: str) -> None:
    text = pull_request_markdown(proposal_of(words, Outcome.UNHEALTHY, times=40))
    assert length(text) <= GITHUB_LIMIT
    assert_contained(text.removeprefix("Closes #12\n"), headings=0, links=LINKS, emphasised=1)
    assert "**Proof:**" in text


def test_a_shop_is_read_in_a_minute() -> None:
    """Three hundred words outside of the tables and the graph are too many."""
    seen = read(pull_request_markdown(proposals.SHOP))
    tables = sum(token.type == "table_open" for token in seen.tokens)
    assert tables == 3
    assert len(pull_request_markdown(proposals.SHOP)) < 4000


LINKS = ("http://127.0.0.1:80", "http://127.0.0.1:8080")
