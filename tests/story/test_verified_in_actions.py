"""Verified in GitHub Actions: a push starts the workflow, the run waits, the artifact or GitHub's remarks tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.workflow.actions_wait import Patience
from bot.workflow.verify_workflow import PATH
from tests.fakes.mender import FakeMender
from tests.fakes.reviser import FakeReviser
from tests.story.conftest import ASKS, plain
from tests.story.emulator.actions import EmulatedActions, Ends, zipped
from tests.story.emulator.github import Delivery, GitHub, Repository, signed
from tests.story.server import Server, serving
from tests.story.test_issue_to_pull_request import read
from tests.unit.verify.records import failing, healthy, record

ACTION = f"acme/groundwork/deploy/actions/verify@{'0' * 40}"
WELL = record(healthy("postgres"), healthy("redis"), healthy("backend"), started="2026-01-02T03:04:05Z")
SICK = record(
    healthy("postgres"),
    failing("backend", output="sh: 1: curl: not found", exit_code=127),
    started="2026-01-02T03:04:05Z",
)
HASTE = Patience(first=0.05, longest=0.05, appear=0.3, queue=0.4, run=1.0)


@pytest.fixture
def actions(github: GitHub) -> EmulatedActions:
    return github.front.actions


@pytest.fixture
def verifying(github: GitHub, key: str, tmp_path: Path) -> Iterator[Server]:
    """The App, whose stacks are verified in GitHub Actions."""
    with serving(
        github, key, tmp_path / "data", patience=HASTE, verification="actions", verify_action=ACTION
    ) as server:
        yield server


def ended(run: Any, repository: Repository, *, conclusion: str = "success") -> Delivery:
    """The webhook of a run that ended."""
    about = {"id": run.id, "head_sha": run.commit, "head_branch": run.branch, "run_attempt": run.attempt}
    payload = {
        "action": "completed",
        "workflow_run": {**about, "conclusion": conclusion, "workflow_id": 7},
        "workflow": {"id": 7, "path": PATH},
        "repository": repository.api("GET", ""),
        "installation": {"id": 100},
        "sender": {"id": 1, "login": "groundwork[bot]", "type": "Bot"},
    }
    return signed("workflow_run", payload)


def test_a_label_becomes_a_ready_pull_request(
    github: GitHub, verifying: Server, shop: Repository, actions: EmulatedActions, snapshot: SnapshotAssertion
) -> None:
    actions.plan = [Ends(record=WELL)]
    number = shop.issue("Add infrastructure", ASKS)
    assert verifying.done(shop.label(number)) == "ready", shop.comments(number)
    (branch,) = {name for name in shop.branches() if name != "main"}
    assert PATH in shop.files(branch)
    assert read(github, shop, number) == snapshot
    # Our token goes to GitHub alone, not to where archives lie.
    assert actions.asked_of_storage
    assert not [headers for headers in actions.asked_of_storage if "authorization" in headers]


def test_what_is_not_healthy_goes_back_to_the_engine_and_is_verified_again(
    github: GitHub, key: str, shop: Repository, actions: EmulatedActions, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    actions.plan = [Ends(conclusion="failure", record=SICK), Ends(record=WELL)]
    chosen: dict[str, Any] = {"verify_action": ACTION, "verification": "actions", "patience": HASTE}
    with serving(github, key, tmp_path / "own", engine=FakeMender(), **chosen) as server:
        number = shop.issue("Add infrastructure", ASKS)
        assert server.done(shop.label(number)) == "ready", shop.comments(number)
    (pull,) = shop.pulls()
    branch = pull["head"]["ref"]
    assert shop.show(branch, "src/mended.txt") == "program-missing\n"
    assert len({run.commit for run in actions.runs}) == 2
    report = plain(github, shop.comments(pull["number"])[0])
    rows = [line for line in (pull["body"] + report).splitlines() if line.startswith(("| 1 |", "| 2 |"))]
    assert [row.rpartition(" | ")[0] for row in rows] == snapshot  # without the seconds


def test_a_review_is_done_and_proved_there_too(
    github: GitHub, key: str, shop: Repository, actions: EmulatedActions, tmp_path: Path
) -> None:
    actions.plan = [Ends(record=WELL), Ends(record=WELL)]
    chosen: dict[str, Any] = {"verify_action": ACTION, "verification": "actions", "patience": HASTE}
    with serving(github, key, tmp_path / "own", engine=FakeReviser(), **chosen) as server:
        number = shop.issue("Add infrastructure", ASKS)
        assert server.done(shop.label(number)) == "ready", shop.comments(number)
        (pull,) = shop.pulls()
        review = shop.review(pull["number"], "Please write src/hello.txt.")
        assert server.done(review) == "revised 1 of 1"
    branch = shop.refs()[f"refs/heads/{pull['head']['ref']}"]
    assert [run.commit for run in actions.runs][-1] == branch != pull["head"]["sha"]


def test_a_draft_is_verified_again_when_asked(verifying: Server, shop: Repository, actions: EmulatedActions) -> None:
    actions.plan = [Ends(conclusion="failure", record=SICK)]
    number = shop.issue("Add infrastructure", ASKS)
    assert verifying.done(shop.label(number)) == "draft"
    (pull,) = shop.pulls()
    assert pull["draft"]
    (report,) = shop.comments(pull["number"])
    assert "curl" in report
    # The next attempt of the same commit is healthy: `/infra verify` asks for it.
    actions.plan = [Ends(record=WELL)]
    assert verifying.done(shop.comment(pull["number"], "/infra verify")) == "ready", shop.comments(number)
    assert [run.attempt for run in actions.runs] == [2]
    (pull,) = shop.pulls()
    assert not pull["draft"]


def test_the_webhook_wakes_the_run_that_waits(
    github: GitHub, key: str, shop: Repository, actions: EmulatedActions, tmp_path: Path
) -> None:
    actions.plan, actions.held = [Ends(record=WELL)], True
    long = Patience(first=600, longest=600)
    with serving(github, key, tmp_path / "own", patience=long, verification="actions", verify_action=ACTION) as server:
        number = shop.issue("Add infrastructure", ASKS)
        job = server.deliver(shop.label(number)).json()["job"]
        assert actions.begun.wait(60)
        run = actions.release()
        assert server.done(ended(run, shop)).startswith("woke run/")
        assert server.ended(job) == "ready"
        assert "- [ ] waiting for GitHub Actions" in str([call.body for call in github.front.calls])


def test_a_run_that_is_stopped_while_it_waits_stops_at_once(
    github: GitHub, key: str, shop: Repository, actions: EmulatedActions, tmp_path: Path
) -> None:
    actions.plan, actions.held = [Ends(record=WELL)], True
    long = Patience(first=600, longest=600)
    with serving(github, key, tmp_path / "own", patience=long, verification="actions", verify_action=ACTION) as server:
        number = shop.issue("Add infrastructure", ASKS)
        server.deliver(shop.label(number))
        assert actions.begun.wait(60)
        assert server.done(shop.comment(number, "/infra stop")).startswith("stopped")
    assert shop.pulls() == []
    assert "Stopped" in shop.comments(number)[0]


def test_a_restart_goes_on_waiting(
    github: GitHub, key: str, shop: Repository, actions: EmulatedActions, tmp_path: Path
) -> None:
    actions.plan, actions.held = [Ends(record=WELL)], True
    chosen: dict[str, Any] = {"verification": "actions", "verify_action": ACTION}
    with serving(github, key, tmp_path / "own", patience=Patience(first=600), **chosen) as server:
        number = shop.issue("Add infrastructure", ASKS)
        job = server.deliver(shop.label(number)).json()["job"]
        assert actions.begun.wait(60)
    run = actions.release()
    with serving(github, key, tmp_path / "own", patience=Patience(first=600), **chosen) as server:
        server.done(ended(run, shop))
        assert server.ended(job) == "ready"
    assert len(actions.runs) == 1


def foreign(honest: bytes) -> bytes:
    """The archive of another commit's run."""
    import io
    import json
    import zipfile

    with zipfile.ZipFile(io.BytesIO(honest)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    note = json.loads(files["run.json"])
    files["run.json"] = json.dumps({**note, "commit": "b" * 40}).encode()
    return zipped(files)


REFUSALS: dict[str, Ends] = {
    "no report": Ends(conclusion="failure", failed="Install Groundwork"),
    "forged": Ends(record=WELL, artifact=foreign),
    "no archive": Ends(record=WELL, artifact=lambda _honest: b"healthy"),
    "healthy, but failed": Ends(conclusion="failure", record=WELL),
    "cancelled": Ends(conclusion="cancelled"),
    "timed out": Ends(conclusion="timed_out"),
    "skipped": Ends(conclusion="skipped"),
    "stale": Ends(conclusion="stale"),
    "startup failure": Ends(conclusion="startup_failure"),
    "approval": Ends(conclusion="action_required"),
    "approval of a deployment": Ends(status="waiting"),
    "no runner": Ends(status="queued"),
    "no runner online": Ends(
        conclusion="failure",
        said=("This request was automatically failed because there were no enabled runners online to process it.",),
    ),
    "billing": Ends(
        conclusion="failure",
        said=(
            "The job was not started because recent account payments have failed or your spending limit needs to be increased.",
        ),
    ),
    "policy": Ends(conclusion="failure", said=("actions/checkout is not allowed to be used in acme/shop.",)),
    "required workflow": Ends(conclusion="failure", said=("Required workflow `scan` was not satisfied.",)),
    "time limit": Ends(
        conclusion="cancelled",
        said=("The job running on runner X has exceeded the maximum execution time of 21 minutes.",),
    ),
    "runner lost": Ends(conclusion="failure", said=("The hosted runner lost communication with the server.",)),
    "storage": Ends(conclusion="failure", said=("Artifact storage quota has been hit. Unable to upload.",)),
    "never ends": Ends(status="in_progress"),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_what_stands_in_the_way_is_said(
    github: GitHub,
    verifying: Server,
    shop: Repository,
    actions: EmulatedActions,
    refusal: str,
    snapshot: SnapshotAssertion,
) -> None:
    actions.plan = [REFUSALS[refusal]]
    told_as(verifying, github, shop, snapshot)


def told_as(server: Server, github: GitHub, shop: Repository, snapshot: SnapshotAssertion) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "draft", shop.comments(number)
    (pull,) = shop.pulls()
    assert pull["draft"]
    (report,) = shop.comments(pull["number"])
    (check,) = shop.checks(pull["head"]["sha"])
    assert check["conclusion"] == "neutral"
    told = plain(github, report)
    assert "Healthy" not in told
    assert "Next step: " in told
    assert told.split("\n\n")[0:2] == snapshot


def test_actions_that_are_off_are_said(
    github: GitHub, verifying: Server, shop: Repository, actions: EmulatedActions, snapshot: SnapshotAssertion
) -> None:
    actions.enabled = False
    told_as(verifying, github, shop, snapshot)


@pytest.mark.parametrize("state", ["disabled_manually", "disabled_inactivity"])
def test_a_workflow_that_is_off_is_said(
    github: GitHub,
    verifying: Server,
    shop: Repository,
    actions: EmulatedActions,
    state: str,
    snapshot: SnapshotAssertion,
) -> None:
    actions.workflow_state = state
    told_as(verifying, github, shop, snapshot)


def test_a_missing_permission_for_workflows_is_said_and_mended_by_a_retry(
    github: GitHub, verifying: Server, shop: Repository, actions: EmulatedActions, snapshot: SnapshotAssertion
) -> None:
    actions.plan = [Ends(record=WELL)]
    front = github.front
    front.withheld = {"workflows"}
    told_as(verifying, github, shop, snapshot)
    (pull,) = shop.pulls()
    assert PATH not in shop.files(pull["head"]["ref"])
    front.withheld = set()
    assert verifying.done(shop.comment(pull["number"], "/infra retry")) == "ready", shop.comments(pull["number"])
    (pull,) = shop.pulls()
    assert PATH in shop.files(pull["head"]["ref"])


def test_a_later_push_by_a_person_is_verified_and_the_report_renewed(
    verifying: Server, shop: Repository, actions: EmulatedActions
) -> None:
    actions.plan = [Ends(record=WELL), Ends(conclusion="failure", record=SICK)]
    number = shop.issue("Add infrastructure", ASKS)
    assert verifying.done(shop.label(number)) == "ready"
    (pull,) = shop.pulls()
    head = shop.commit(pull["head"]["ref"], {"src/NOTES.md": "A person was here.\n"}, "Note something")
    assert verifying.done(moved(shop, pull["number"], head)) == "draft"
    (pull,) = shop.pulls()
    assert shop.refs()[f"refs/heads/{pull['head']['ref']}"] == head, "nothing was built upon what the person pushed"
    (report,) = shop.comments(pull["number"])
    assert "curl" in report
    assert [check["conclusion"] for check in shop.checks(head)] == ["failure"]


def moved(shop: Repository, number: int, head: str) -> Delivery:
    """The webhook of a push to a pull request."""
    pull = shop.pull(number)
    return signed(
        "pull_request",
        {
            "action": "synchronize",
            "number": number,
            "pull_request": {**pull, "head": {**pull["head"], "sha": head}},
            "repository": shop.api("GET", ""),
            "installation": {"id": 100},
            "sender": {"id": 2, "login": "mona", "type": "User"},
        },
    )


def test_pressing_rerun_verifies_again(verifying: Server, shop: Repository, actions: EmulatedActions) -> None:
    actions.plan = [Ends(conclusion="failure", record=SICK), Ends(record=WELL)]
    number = shop.issue("Add infrastructure", ASKS)
    assert verifying.done(shop.label(number)) == "draft"
    (pull,) = shop.pulls()
    head = pull["head"]["sha"]
    payload = {
        "action": "rerequested",
        "check_run": {"id": 9, "head_sha": head, "app": {"id": 4711}},
        "repository": shop.api("GET", ""),
        "installation": {"id": 100},
        "sender": {"id": 2, "login": "mona", "type": "User"},
    }
    assert verifying.done(signed("check_run", payload)) == "ready", shop.comments(number)
    (pull,) = shop.pulls()
    assert (pull["draft"], pull["head"]["sha"]) == (False, head)
    assert [check["conclusion"] for check in shop.checks(head)] == ["success"]


CHOICE = ".github/groundwork.yml"


def test_a_repository_chooses_actions_where_the_server_has_them(
    github: GitHub, key: str, shop: Repository, actions: EmulatedActions, tmp_path: Path
) -> None:
    actions.plan = [Ends(record=WELL)]
    shop.commit("main", {CHOICE: "verification: actions\n"}, "Verify on our runners")
    chosen: dict[str, Any] = {"verification": "docker", "verify_action": ACTION, "patience": HASTE}
    with serving(github, key, tmp_path / "own", **chosen) as server:
        number = shop.issue("Add infrastructure", ASKS)
        assert server.done(shop.label(number)) == "ready", shop.comments(number)
    assert len(actions.runs) == 1


@pytest.mark.parametrize(
    ("server", "choice", "said"),
    [
        (
            {"verification": "docker"},
            "actions",
            "asks for `actions`, and this server has no `GROUNDWORK_VERIFY_ACTION`",
        ),
        (
            {"verification": "actions", "verify_action": ACTION},
            "docker",
            "asks for `docker`, and this server verifies in GitHub Actions",
        ),
        ({"verification": "actions", "verify_action": ACTION}, "none", "switches verification off"),
        ({"verification": "none", "verify_action": ACTION}, "actions", "switched off on this server"),
    ],
    ids=["no action", "no engine", "none", "server none"],
)
def test_a_repository_that_chooses_what_there_is_not_is_told_so(
    github: GitHub,
    key: str,
    shop: Repository,
    actions: EmulatedActions,
    tmp_path: Path,
    server: dict[str, Any],
    choice: str,
    said: str,
) -> None:
    shop.commit("main", {CHOICE: f"verification: {choice}\n"}, "Choose")
    with serving(github, key, tmp_path / "own", **server, patience=HASTE) as serves:
        number = shop.issue("Add infrastructure", ASKS)
        assert serves.done(shop.label(number)) == "draft", shop.comments(number)
    (pull,) = shop.pulls()
    (report,) = shop.comments(pull["number"])
    assert said in report
    assert PATH not in shop.files(pull["head"]["ref"])
    assert actions.runs == []


def test_a_workflow_that_people_changed_is_left_as_they_have_it(
    verifying: Server, shop: Repository, actions: EmulatedActions
) -> None:
    actions.plan = [Ends(record=WELL)]
    number = shop.issue("Add infrastructure", ASKS)
    assert verifying.done(shop.label(number)) == "ready"
    (pull,) = shop.pulls()
    text = shop.show(pull["head"]["ref"], PATH).replace('"ubuntu-latest"', '"ubuntu-24.04"')
    shop.commit(pull["head"]["ref"], {PATH: text}, "Use our runner")
    assert verifying.done(shop.comment(pull["number"], "/infra retry")) == "ready"
    assert shop.show(pull["head"]["ref"], PATH) == text
