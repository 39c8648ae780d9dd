"""From a label to a pull request: signed bytes in, and all that a person reads."""

from __future__ import annotations

from pathlib import Path

from syrupy.assertion import SnapshotAssertion

from tests.fakes.verifier import HEALTHY, UNHEALTHY, FakeVerifier
from tests.story.conftest import ASKS, plain
from tests.story.emulator.github import Delivery, GitHub, Repository
from tests.story.server import Server, serving


def read(github: GitHub, repository: Repository, number: int) -> dict[str, object]:
    """All that people read of the one run of issue `number`."""
    (comment,) = repository.comments(number)
    (pull,) = repository.pulls()
    (report,) = repository.comments(pull["number"])
    (check,) = repository.checks(pull["head"]["sha"])
    return {
        "issue comment": plain(github, comment),
        "title": f"{pull['title']}{' (draft)' if pull['draft'] else ''}",
        "body": plain(github, pull["body"]),
        "report": plain(github, report),
        "check": plain(github, f"{check['conclusion']}: {check['output']['title']}\n{check['output']['summary']}"),
        "commits": [line.replace("127.0.0.1", "github.test") for line in repository.log(pull["head"]["ref"])],
    }


def test_a_label_becomes_a_pull_request_with_its_report(
    github: GitHub, server: Server, shop: Repository, snapshot: SnapshotAssertion
) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "ready", shop.comments(number)
    branch = f"groundwork/{number}-add-infrastructure"
    assert set(shop.branches()) == {"main", branch}
    (pull,) = shop.pulls()
    assert (pull["head"]["ref"], pull["base"]["ref"], pull["draft"]) == (branch, "main", False)
    assert pull["user"]["login"] == "groundwork[bot]"
    assert (f"/repos/{shop.name}/issues/{number}/reactions", "eyes") in github.front.reactions
    assert {path.split("/")[0] for path in shop.files(branch)} == {"README.md", "docs", "src"}
    assert read(github, shop, number) == snapshot


def test_the_issue_tells_each_step_as_it_is_taken(github: GitHub, server: Server, shop: Repository) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    server.done(shop.label(number))
    told = [
        call.body["body"]
        for call in github.front.calls
        if "/comments" in call.path and call.method in {"POST", "PATCH"}
    ]
    lines = [[line for line in text.splitlines() if line.startswith("- [ ]")] for text in told]
    assert [line[0] for line in lines if line] == [
        "- [ ] reading the repository …",
        "- [ ] finding out what has to run …",
        "- [ ] writing the files, and checking them against the rules …",
        "- [ ] pushing the branch …",
        "- [ ] verifying: every container is built, started, watched and asked …",
        "- [ ] opening the pull request …",
    ]


def test_what_never_gets_healthy_is_proposed_as_a_draft_that_says_why(
    github: GitHub, server: Server, shop: Repository, verifier: FakeVerifier, snapshot: SnapshotAssertion
) -> None:
    verifier.reports = [UNHEALTHY]
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "draft"
    assert read(github, shop, number) == snapshot


def test_a_delivery_that_comes_again_makes_nothing_twice(
    github: GitHub, server: Server, shop: Repository, verifier: FakeVerifier
) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    label = shop.label(number)
    first, second = server.deliver(label), server.deliver(label)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert server.ended(first.json()["job"]) == "ready"
    writes = [call for call in github.front.calls if call.method != "GET"]
    assert server.deliver(label).status_code == 202
    assert [call for call in github.front.calls if call.method != "GET"] == writes
    # The label set again (GitHub then sends another delivery) goes on with what is there, and makes no second of it.
    again = Delivery({**label.headers, "x-github-delivery": "another-delivery"}, label.body)
    assert server.done(again) == "ready"
    assert len(read(github, shop, number)["commits"]) == 2  # type: ignore[arg-type]
    assert len(verifier.asked) == 2


def test_two_issues_at_once_get_a_branch_and_a_pull_request_each(server: Server, shop: Repository) -> None:
    numbers = [shop.issue("Run the shop", ASKS), shop.issue("Run the office", ASKS)]
    jobs = [server.deliver(shop.label(number)).json()["job"] for number in numbers]
    assert [server.ended(job) for job in jobs] == ["ready", "ready"]
    assert {pull["head"]["ref"] for pull in shop.pulls()} == {
        f"groundwork/{numbers[0]}-run-the-shop",
        f"groundwork/{numbers[1]}-run-the-office",
    }


def test_documents_that_ask_for_nothing_are_answered_with_the_reason(
    github: GitHub, server: Server, snapshot: SnapshotAssertion
) -> None:
    library = github.repository(
        "library", {"README.md": "# Slug\n\nA small Python library without dependencies. Nothing has to run.\n"}
    )
    number = library.issue("Infrastructure", "This is a library: no containers, no infrastructure needed.")
    assert server.done(library.label(number)) == "nothing", library.comments(number)
    assert library.comments(number) == snapshot
    assert (library.pulls(), set(library.branches())) == ([], {"main"})


def test_the_text_as_it_was_at_the_trigger_is_what_counts(server: Server, shop: Repository) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    label = shop.label(number)
    shop.api("PATCH", f"issues/{number}", {"title": "Do something else", "body": "Use MySQL."})
    assert server.done(label) == "ready"
    (pull,) = shop.pulls()
    assert pull["title"] == "Add infrastructure"
    assert "MySQL" not in pull["body"]


def test_a_pull_request_becomes_ready_when_a_retry_finds_it_healthy(
    server: Server, shop: Repository, verifier: FakeVerifier
) -> None:
    verifier.reports = [UNHEALTHY, HEALTHY]
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "draft"
    (pull,) = shop.pulls()
    assert pull["draft"]
    assert server.done(shop.comment(pull["number"], "/infra retry")) == "ready", shop.comments(pull["number"])
    (pull,) = shop.pulls()
    assert not pull["draft"]
    assert "### ✅ Healthy" in shop.comments(pull["number"])[0]


def test_secrets_stay_in_memory(server: Server, shop: Repository, tmp_path: Path, github: GitHub) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    server.done(shop.label(number))
    tokens = [token.encode() for token in github.front.grants]
    assert tokens
    written = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert any(path.name == "config" for path in written), "the clone is among what is looked through"
    found = [path for path in written for token in tokens if token in path.read_bytes()]
    assert found == []


def test_a_restart_goes_on_where_it_stopped(
    github: GitHub, key: str, shop: Repository, tmp_path: Path, verifier: FakeVerifier
) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    label = shop.label(number)
    with serving(github, key, tmp_path / "own", verifier=verifier) as server:
        job = server.deliver(label).json()["job"]
    with serving(github, key, tmp_path / "own", verifier=verifier) as server:
        assert server.ended(job) == "ready"
    assert len(shop.pulls()) == 1
