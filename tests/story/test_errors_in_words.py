"""Everything that can stand in the way of a run, as a person reads it: what, why, and the next step."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr
from syrupy.assertion import SnapshotAssertion

from tests.fakes.messages_server import Answer, messages_server
from tests.fakes.verifier import FakeVerifier
from tests.story.conftest import ASKS, SHOP, plain
from tests.story.emulator.front import Fault
from tests.story.emulator.github import GitHub, Repository
from tests.story.server import Server, serving
from tests.story.test_cancel_and_commands import held_at_verification

# What github.com writes to who pushes; the commit of a violation is made up.
REFUSALS = {
    "protected branch": (
        "error: GH006: Protected branch update failed for refs/heads/groundwork/1-add-infrastructure.\n"
        "error: Changes must be made through a pull request."
    ),
    "ruleset": (
        "error: GH013: Repository rule violations found for refs/heads/groundwork/1-add-infrastructure.\n"
        "Review all repository rules at https://github.com/acme/shop/rules?ref=refs%2Fheads%2Fgroundwork\n"
        "\n"
        "- Cannot create ref due to creations being restricted.\n"
    ),
    "signed commits": (
        "error: GH013: Repository rule violations found for refs/heads/groundwork/1-add-infrastructure.\n"
        "Review all repository rules at https://github.com/acme/shop/rules?ref=refs%2Fheads%2Fgroundwork\n"
        "\n"
        "- Commits must have verified signatures.\n"
        "  Found 1 violation:\n"
        "\n"
        "  0123456789012345678901234567890123456789\n"
    ),
    "push protection": (
        "error: GH013: Repository rule violations found for refs/heads/groundwork/1-add-infrastructure.\n"
        "\n"
        "- GITHUB PUSH PROTECTION\n"
        "  Push cannot contain secrets\n"
    ),
}


def told(github: GitHub, shop: Repository, number: int) -> str:
    """The one comment on the issue."""
    (comment,) = shop.comments(number)
    return plain(github, comment)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_rule_that_refuses_the_push(
    github: GitHub, server: Server, shop: Repository, refusal: str, snapshot: SnapshotAssertion
) -> None:
    shop.refuse_pushes(REFUSALS[refusal])
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "failed"
    assert told(github, shop, number) == snapshot
    assert set(shop.branches()) == {"main"}
    assert shop.pulls() == []
    shop.take_pushes()
    assert server.done(shop.comment(number, "/infra run")) == "ready", "the next step is a way out"


def test_an_empty_repository(github: GitHub, server: Server, snapshot: SnapshotAssertion) -> None:
    empty = github.repository("empty", {})
    number = empty.issue("Add infrastructure", ASKS)
    assert server.done(empty.label(number)) == "failed"
    assert told(github, empty, number) == snapshot
    empty.commit("main", SHOP, "Describe the project")
    assert server.done(empty.comment(number, "/infra run")) == "ready"


def test_a_branch_in_the_way_of_ours(
    github: GitHub, server: Server, shop: Repository, snapshot: SnapshotAssertion
) -> None:
    shop.commit("groundwork", {"a.txt": "mine\n"}, "A branch of somebody's")
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "failed"
    assert told(github, shop, number) == snapshot


@pytest.mark.parametrize("permission", ["contents", "pull_requests", "checks"])
def test_a_permission_that_was_not_granted(
    github: GitHub, server: Server, shop: Repository, permission: str, snapshot: SnapshotAssertion
) -> None:
    github.front.withheld = {permission}
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "failed"
    assert told(github, shop, number) == snapshot
    github.front.withheld = set()
    assert server.done(shop.comment(number, "/infra run")) == "ready"
    assert len(shop.pulls()) == 1


def test_a_permission_that_was_taken_while_the_token_lived(
    github: GitHub, server: Server, shop: Repository, snapshot: SnapshotAssertion
) -> None:
    github.front.faults.append(
        Fault(
            "POST",
            re.compile(r"/pulls$"),
            403,
            {"message": "Resource not accessible by integration"},
            {"x-accepted-github-permissions": "pull_requests=write"},
        )
    )
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "failed"
    assert told(github, shop, number) == snapshot


def test_pull_requests_that_nobody_may_open(
    github: GitHub, server: Server, shop: Repository, snapshot: SnapshotAssertion
) -> None:
    said = {
        "message": "Validation Failed",
        "errors": [{"resource": "PullRequest", "code": "custom", "message": "No commits between main and groundwork"}],
    }
    github.front.faults.append(Fault("POST", re.compile(r"/pulls$"), 422, said))
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "failed"
    assert told(github, shop, number) == snapshot


def test_a_budget_that_is_used_up_before_anything_is_written(
    github: GitHub, key: str, tmp_path: Path, shop: Repository, verifier: FakeVerifier, snapshot: SnapshotAssertion
) -> None:
    looks = Answer("I look.", (("Read", {"file_path": "README.md"}),), usage=(100_000, 0, 0, 9_000))
    with (
        messages_server(looks) as model,
        serving(
            github,
            key,
            tmp_path / "data",
            verifier=verifier,
            written_by="claude",
            model_key=SecretStr("sk-ant-planted-key-0123456789"),
            model_url=model.url,
            model_dollars=0.05,
            sandbox_image="not-there:1",
        ) as server,
    ):
        number = shop.issue("Add infrastructure", ASKS)
        assert server.done(shop.label(number)) == "failed", shop.comments(number)
    assert told(github, shop, number) == snapshot
    assert shop.pulls() == []
    assert verifier.asked == []


def test_without_the_permission_to_speak_the_log_says_so(github: GitHub, server: Server, shop: Repository) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    github.front.withheld = {"issues"}
    became = server.done(shop.label(number))
    assert became.startswith("failed: The App lacks a permission here: `issues: write`.")
    assert shop.comments(number) == []


def test_a_permission_that_goes_while_a_run_is_on_is_no_crash(
    github: GitHub, server: Server, shop: Repository, verifier: FakeVerifier
) -> None:
    number, job = held_at_verification(server, shop, verifier)
    refused = {"message": "Resource not accessible by integration"}
    github.front.faults.append(Fault("PATCH", re.compile(r"/issues/comments/"), 403, refused))
    verifier.release()
    assert server.ended(job) == "failed"
    github.front.faults.clear()
    assert server.done(shop.comment(number, "/infra run")) == "ready"


@pytest.mark.parametrize("transfer", ["FETCH", "PUSH"])
def test_a_transfer_that_breaks_once_is_done_again_and_nobody_reads_of_it(
    github: GitHub, server: Server, shop: Repository, transfer: str
) -> None:
    broken = Fault(transfer, re.compile(r"/"), 502, {}, times=1)
    github.front.faults.append(broken)
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "ready"
    assert broken.times == 0
    assert "could not reach" not in told(github, shop, number)


def test_transfers_that_go_on_breaking(
    github: GitHub, server: Server, shop: Repository, snapshot: SnapshotAssertion
) -> None:
    github.front.faults.append(Fault("PUSH", re.compile(r"/"), 503, {}))
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "failed"
    assert told(github, shop, number) == snapshot
    assert shop.pulls() == []
    github.front.faults.clear()
    assert server.done(shop.comment(number, "/infra run")) == "ready"
