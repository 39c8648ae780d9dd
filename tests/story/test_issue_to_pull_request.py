"""From a label to a pull request: signed bytes in, and all that a person reads."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.story.conftest import plain
from tests.story.emulator.github import GitHub, Repository
from tests.story.server import Server

SHOP = {
    "README.md": "# Shop\n\nA web shop: Express backend, PostgreSQL database, Redis cache.\n",
    "docs/ARCHITECTURE.md": "# Shop\n\n- Backend: Express\n- Database: PostgreSQL 16\n- Cache: Redis\n",
}
ASKS = "Run the shop with Docker Compose.\n\n- the API answers on port 8000\n"


@pytest.fixture
def shop(github: GitHub, request: pytest.FixtureRequest) -> Repository:
    return github.repository(request.node.name.replace("_", "-")[:60], SHOP)


def test_a_label_becomes_a_pull_request_with_its_report(
    github: GitHub, server: Server, shop: Repository, snapshot: SnapshotAssertion
) -> None:
    number = shop.issue("Add infrastructure", ASKS)
    assert server.done(shop.label(number)) == "draft", shop.comments(number)
    branch = f"groundwork/{number}-add-infrastructure"
    assert set(shop.branches()) == {"main", branch}
    (pull,) = shop.pulls()
    assert (pull["head"]["ref"], pull["base"]["ref"], pull["draft"]) == (branch, "main", True)
    assert pull["user"]["login"] == "groundwork[bot]"
    (comment,) = shop.comments(number)
    (report,) = shop.comments(pull["number"])
    (check,) = shop.checks(pull["head"]["sha"])
    assert (f"/repos/{shop.name}/issues/{number}/reactions", "eyes") in github.front.reactions
    assert {path.split("/")[0] for path in shop.files(branch)} == {"README.md", "docs", "src"}
    read = {
        "issue comment": plain(github, comment),
        "title": pull["title"],
        "body": plain(github, pull["body"]),
        "report": plain(github, report),
        "check": plain(github, f"{check['conclusion']}: {check['output']['title']}\n{check['output']['summary']}"),
        "commits": shop.log(branch),
    }
    assert read == snapshot
