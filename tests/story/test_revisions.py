"""From a review to a revision: what is asked is done or declined, proved again, and answered once, where it stands."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.fakes.reviser import FakeReviser
from tests.fakes.verifier import UNHEALTHY, FakeVerifier
from tests.story.conftest import ASKS, plain
from tests.story.emulator.github import Delivery, GitHub, Repository, signed
from tests.story.server import Server, serving

COMPOSE = "src/docker-compose.yml"


@pytest.fixture
def reviser() -> FakeReviser:
    return FakeReviser()


@pytest.fixture
def able(github: GitHub, key: str, tmp_path: Path, verifier: FakeVerifier, reviser: FakeReviser) -> Iterator[Server]:
    """The App, with an engine that can do what people ask for."""
    with serving(github, key, tmp_path / "able", verifier=verifier, engine=reviser, rounds=2) as server:
        yield server


def proposed(server: Server, shop: Repository) -> tuple[int, Any]:
    """An issue, and the pull request that came of it."""
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "ready"
    (pull,) = shop.pulls()
    return number, pull


def said(github: GitHub, shop: Repository, number: int) -> dict[str, list[str]]:
    """What stands on the pull request after its report: in the conversation, and in each thread."""
    threads: dict[str, list[str]] = {"conversation": [plain(github, text) for text in shop.comments(number)[1:]]}
    for one in shop.remarks(number):
        threads.setdefault(f"{one['path']} {one['in_reply_to_id'] or one['id']}", []).append(
            f"@{one['user']['login']}: {plain(github, one['body'])}"
        )
    return {name.split()[0] if name != "conversation" else name: texts for name, texts in threads.items()}


def test_without_a_model_each_thread_is_answered_once_with_what_works(
    github: GitHub, server: Server, shop: Repository, snapshot: SnapshotAssertion
) -> None:
    number, pull = proposed(server, shop)
    status = shop.comments(number)
    review = shop.review(
        pull["number"], "Please use MySQL instead.", beside={COMPOSE: "Why this port?", "src/.env.example": "Shorter."}
    )
    assert server.done(review) == "answered 3"
    assert said(github, shop, pull["number"]) == snapshot
    assert (f"/repos/{shop.name}/issues/{pull['number']}/reactions", "eyes") in github.front.reactions
    assert shop.comments(number) == status, "the issue says what it said before"
    assert shop.pull(pull["number"])["head"]["sha"] == pull["head"]["sha"]
    before = said(github, shop, pull["number"])
    again = Delivery({**review.headers, "x-github-delivery": "another"}, review.body)
    assert server.deliver(again).status_code == 202
    assert server.done(shop.comment(pull["number"], "/infra run")) == "answered 1", "what was answered stays answered"
    assert said(github, shop, pull["number"])[COMPOSE] == before[COMPOSE]


def test_a_review_becomes_a_commit_that_is_proved_and_its_threads_are_resolved(
    github: GitHub, able: Server, shop: Repository, verifier: FakeVerifier, snapshot: SnapshotAssertion
) -> None:
    number, pull = proposed(able, shop)
    review = shop.review(
        pull["number"], "", beside={COMPOSE: "Say it in src/ports.txt", "src/.env.example": "Is this nice?"}
    )
    assert able.done(review) == "revised 1 of 2"
    (renewed,) = shop.pulls()
    head = shop.branches()[pull["head"]["ref"]]
    assert head != pull["head"]["sha"]
    assert verifier.asked == [pull["head"]["sha"], head]
    assert said(github, shop, pull["number"]) == snapshot
    done = next(one for one in shop.remarks(pull["number"]) if one["path"] == COMPOSE)
    assert github.front.resolved == [f"thread-{done['id']}"]
    assert f"head={head[:7]}" in shop.comments(pull["number"])[0], "the report is about the new commit"
    assert [check["conclusion"] for check in shop.checks(head)] == ["success"]
    assert shop.log(pull["head"]["ref"])[0].endswith("| Revise infrastructure: Add infrastructure")
    assert not renewed["draft"]
    assert len(shop.comments(number)) == 1


def test_what_a_revision_broke_is_told_in_its_answer_and_the_pull_request_is_a_draft_again(
    able: Server, shop: Repository, verifier: FakeVerifier
) -> None:
    _, pull = proposed(able, shop)
    verifier.reports = [UNHEALTHY]
    assert able.done(shop.review(pull["number"], "Put it into src/ports.txt")) == "revised 1 of 1"
    answer = shop.comments(pull["number"])[-1]
    assert "> Put it into src/ports.txt" in answer
    assert "Verification of that commit: not healthy" in answer
    assert shop.pull(pull["number"])["draft"]


def test_comments_in_a_row_make_one_revision_of_them_all(
    github: GitHub, able: Server, shop: Repository, reviser: FakeReviser
) -> None:
    _, pull = proposed(able, shop)
    number = pull["number"]
    jobs = [able.deliver(shop.remark(number, COMPOSE, f"Say it in src/{name}.txt")) for name in ("a", "b", "c")]
    ended = sorted(able.ended(job.json()["job"]) for job in jobs)
    assert ended == ["joined a later review", "joined a later review", "revised 3 of 3"]
    assert [[ask.words for ask in asks] for asks in reviser.asked] == [[f"Say it in src/{n}.txt" for n in "abc"]]
    assert [len(texts) for name, texts in said(github, shop, number).items() if name != "conversation"] == [2]
    assert len(shop.remarks(number)) == 6
    assert {f"src/{name}.txt" for name in "abc"} <= set(shop.files(pull["head"]["ref"]))


def test_a_review_that_comes_while_another_is_worked_on_is_not_lost(
    able: Server, shop: Repository, verifier: FakeVerifier, reviser: FakeReviser
) -> None:
    _, pull = proposed(able, shop)
    verifier.held = True
    first = able.deliver(shop.review(pull["number"], "Say it in src/first.txt")).json()["job"]
    until = time.monotonic() + 60
    while len(verifier.asked) < 2:
        assert time.monotonic() < until
        time.sleep(0.02)
    late = able.deliver(shop.review(pull["number"], "And src/late.txt, please")).json()["job"]
    verifier.release()
    assert able.ended(first) == "revised 1 of 1"
    assert able.ended(late) == "revised 1 of 1"
    assert [len(asks) for asks in reviser.asked] == [1, 1]
    assert {"src/first.txt", "src/late.txt"} <= set(shop.files(pull["head"]["ref"]))


def test_a_thread_that_goes_on_is_asked_anew_and_after_the_last_round_a_person_takes_over(
    github: GitHub, able: Server, shop: Repository, reviser: FakeReviser, snapshot: SnapshotAssertion
) -> None:
    _, pull = proposed(able, shop)
    number = pull["number"]
    assert able.done(shop.remark(number, COMPOSE, "Say it in src/a.txt")) == "revised 1 of 1"
    root = shop.remarks(number)[0]["id"]
    assert able.done(shop.remark(number, COMPOSE, "And in src/b.txt", reply_to=root)) == "revised 1 of 1"
    assert [ask.words for ask in reviser.asked[-1]] == ["And in src/b.txt"], "what was answered is not asked again"
    assert able.done(shop.remark(number, COMPOSE, "Now src/c.txt", reply_to=root)) == "answered 1"
    assert len(reviser.asked) == 2
    assert said(github, shop, number) == snapshot


def test_an_approval_and_its_remarks_start_nothing(able: Server, shop: Repository) -> None:
    _, pull = proposed(able, shop)
    approval = shop.review(pull["number"], "Nice src/a.txt!", "APPROVE", beside={COMPOSE: "A nit: src/b.txt"})
    assert able.deliver(approval).json() == {"ignored": "an approval asks for nothing"}
    (remark,) = shop.remarks(pull["number"])
    payload = approval.payload
    about = {key: payload[key] for key in ("pull_request", "repository", "installation", "sender")}
    beside = signed("pull_request_review_comment", {"action": "created", "comment": remark, **about})
    assert able.done(beside) == "ignored: the comment belongs to an approval"
    assert len(shop.comments(pull["number"])) == 1


def test_strangers_and_bots_are_not_followed_but_do_not_silence_others(
    able: Server, shop: Repository, reviser: FakeReviser
) -> None:
    _, pull = proposed(able, shop)
    review = shop.review(pull["number"], "Say it in src/a.txt")
    payload = review.payload
    payload["sender"] = payload["review"]["user"] = {"id": 10, "login": "renovate[bot]", "type": "Bot"}
    assert able.deliver(signed("pull_request_review", payload)).json() == {"ignored": "a bot's review asks for nothing"}
    assert able.deliver(shop.comment(pull["number"], "Why did the container cross the road?")).json() == {
        "ignored": "no command"
    }
    assert reviser.asked == []
    assert able.done(review) == "revised 1 of 1"


def test_stop_ends_a_revision_and_those_that_wait(
    able: Server, shop: Repository, verifier: FakeVerifier, reviser: FakeReviser
) -> None:
    number, pull = proposed(able, shop)
    verifier.held = True
    able.deliver(shop.review(pull["number"], "Say it in src/first.txt"))
    until = time.monotonic() + 60
    while len(verifier.asked) < 2:
        assert time.monotonic() < until
        time.sleep(0.02)
    late = able.deliver(shop.review(pull["number"], "And src/late.txt, please")).json()["job"]
    assert able.do(able.app.runs.result(f"job/{late}")).startswith("run ")
    stopped = able.done(shop.comment(pull["number"], "/infra stop"))
    assert stopped.count("revise-review-") == 2
    assert "### ⏹ Stopped" in shop.comments(number)[0]
    assert len(reviser.asked) == 1
