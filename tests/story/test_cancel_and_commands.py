"""The label as a switch, and commands in comments: stopped within seconds, continued, answered in words."""

from __future__ import annotations

import time

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.fakes.verifier import FakeVerifier
from tests.story.conftest import ASKS, plain
from tests.story.emulator.github import Delivery, GitHub, Repository, signed
from tests.story.server import Server


def held_at_verification(server: Server, shop: Repository, verifier: FakeVerifier) -> tuple[int, str]:
    """A run that hangs in its verification: the issue's number, and its job."""
    verifier.held = True
    number = shop.issue("Add infrastructure", ASKS)
    job = server.deliver(shop.label(number)).json()["job"]
    until = time.monotonic() + 60
    while not verifier.asked:
        assert time.monotonic() < until, "the run never came to its verification"
        time.sleep(0.02)
    return number, job


@pytest.mark.parametrize("how", ["label", "command", "closed"])
def test_a_run_stops_within_two_seconds_and_the_issue_says_so(
    github: GitHub, server: Server, shop: Repository, verifier: FakeVerifier, how: str, snapshot: SnapshotAssertion
) -> None:
    number, _ = held_at_verification(server, shop, verifier)
    if how == "label":
        stop = shop.unlabel(number)
    elif how == "command":
        stop = shop.comment(number, "/infra stop")
    else:
        shop.api("PATCH", f"issues/{number}", {"state": "closed"})
        stop = github.hooks("issues", "closed", shop.name, number)
    begun = time.monotonic()
    assert server.done(stop).startswith("stopped run/")
    assert time.monotonic() - begun < 2
    while not verifier.cancelled:
        assert time.monotonic() - begun < 3, "the verification goes on"
        time.sleep(0.02)
    status = [text for text in shop.comments(number) if "groundwork:status" in text]
    assert [plain(github, text) for text in status] == snapshot
    assert shop.pulls() == []


def test_the_label_put_back_goes_on_with_what_is_on_the_branch(
    server: Server, shop: Repository, verifier: FakeVerifier
) -> None:
    number, _ = held_at_verification(server, shop, verifier)
    server.done(shop.unlabel(number))
    pushed = shop.branches()[f"groundwork/{number}-add-infrastructure"]
    verifier.held = False
    assert server.done(shop.label(number)) == "ready"
    (pull,) = shop.pulls()
    assert pull["head"]["sha"] == pushed, "nothing was written anew"
    assert verifier.asked == [pushed, pushed]
    assert len(shop.comments(number)) == 1


def test_a_second_label_while_a_run_is_on_changes_nothing(
    server: Server, shop: Repository, verifier: FakeVerifier
) -> None:
    number, _ = held_at_verification(server, shop, verifier)
    payload = shop.unlabel(number).payload
    again = signed("issues", {**payload, "action": "labeled"})
    assert server.done(again) == "ignored: a run of this issue is on"
    assert server.done(shop.comment(number, "/infra run")) == "explained"
    assert "A run is on already" in shop.comments(number)[-1]
    server.done(shop.comment(number, "/infra stop"))


@pytest.mark.parametrize(
    "words",
    ["/infra help", "/infra status", "/infra stop", "/infra retry", "/infra verfy", "/infra run\n/infra stop"],
)
def test_commands_are_answered_in_words(
    github: GitHub, server: Server, shop: Repository, words: str, snapshot: SnapshotAssertion
) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    server.done(shop.comment(number, words))
    assert [plain(github, text) for text in shop.comments(number)[1:]] == snapshot


def test_a_command_in_a_quote_or_in_code_commands_nothing(server: Server, shop: Repository) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    answer = server.deliver(shop.comment(number, "> /infra run\n\n```\n/infra run\n```\n"))
    assert answer.json() == {"ignored": "no command"}


def test_status_repeats_what_the_run_says_of_itself(server: Server, shop: Repository, verifier: FakeVerifier) -> None:
    number, _ = held_at_verification(server, shop, verifier)
    assert server.done(shop.comment(number, "/infra status")) == "told"
    assert "- [ ] verifying: every container is built" in shop.comments(number)[-1]
    server.done(shop.comment(number, "/infra stop"))


def test_verify_proves_the_branch_as_people_left_it(server: Server, shop: Repository, verifier: FakeVerifier) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    server.done(shop.label(number))
    (pull,) = shop.pulls()
    theirs = shop.commit(pull["head"]["ref"], {"src/note.txt": "by hand\n"}, "Add a note")
    assert server.done(shop.comment(pull["number"], "/infra verify")) == "ready"
    assert verifier.asked[-1] == theirs
    assert shop.branches()[pull["head"]["ref"]] == theirs, "a person's commit is kept, and nothing is added to it"
    reports = shop.comments(pull["number"])
    assert f"head={theirs[:7]}" in reports[0]
    assert [check["conclusion"] for check in shop.checks(theirs)] == ["success"]


def test_a_push_by_a_person_makes_the_report_stale_and_proves_the_new_head(
    server: Server, shop: Repository, verifier: FakeVerifier
) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    server.done(shop.label(number))
    (pull,) = shop.pulls()
    theirs = shop.commit(pull["head"]["ref"], {"src/note.txt": "by hand\n"}, "Add a note")
    moved = synchronize(shop, pull["number"])
    shown: list[str] = []
    shop.github.front.on_call = lambda call: shown.append(str(call.body)) if call.method == "PATCH" else None
    assert server.done(moved) == "ready"
    shop.github.front.on_call = lambda _call: None
    assert any("The branch moved to" in text for text in shown)
    assert "The branch moved to" not in shop.comments(pull["number"])[0]
    assert verifier.asked[-1] == theirs


def synchronize(shop: Repository, number: int) -> Delivery:
    """The event of a push to a pull request's branch, which the emulator does not send."""
    pull = shop.pull(number)
    pull["head"]["sha"] = shop.branches()[pull["head"]["ref"]]
    payload = {
        "action": "synchronize",
        "pull_request": pull,
        "repository": shop.api("GET", ""),
        "installation": {"id": 100},
        "sender": {"id": 3, "login": "mona", "type": "User"},
    }
    return signed("pull_request", payload)


def test_who_may_not_write_is_told_so_and_starts_nothing(
    github: GitHub, server: Server, shop: Repository, snapshot: SnapshotAssertion
) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    payload = shop.label(number).payload
    payload["sender"] = {"id": 9, "login": "stranger", "type": "User"}
    assert server.done(signed("issues", payload)) == "explained"
    payload["sender"] = {"id": 10, "login": "renovate[bot]", "type": "Bot"}
    assert server.done(signed("issues", payload)) == "explained"
    assert [plain(github, text) for text in shop.comments(number)] == snapshot
    assert shop.pulls() == []
