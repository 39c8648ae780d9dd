"""Every example that GitHub publishes of our events is read; what is broken says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.event import kinds
from bot.event.delivery import Delivery, RejectedError
from bot.event.kinds import Event, Ignored
from bot.event.parts import GHOST
from bot.event.read import NAMES, read
from bot.model.codec import to_json

EXAMPLES = Path(__file__).parents[2] / "npm/node_modules/@octokit/webhooks-examples"
# An action of each event that concerns us: an example of any other action has the same shape.
RELEVANT = {
    "issues": "labeled",
    "issue_comment": "created",
    "pull_request": "synchronize",
    "pull_request_review": "submitted",
    "pull_request_review_comment": "created",
    "workflow_run": "completed",
    "check_run": "rerequested",
    "check_suite": "rerequested",
    "installation": "created",
    "installation_repositories": "added",
}


@cache
def examples() -> tuple[tuple[str, dict[str, Any]], ...]:
    if not EXAMPLES.is_dir():
        pytest.skip("GitHub's example payloads are not installed: run tests/npm/install")
    return tuple(_examples())


def _examples() -> Iterator[tuple[str, dict[str, Any]]]:
    for host in sorted(EXAMPLES.glob("*/index.json")):
        for event in json.loads(host.read_bytes()):
            if event["name"] in NAMES:
                yield from ((event["name"], example) for example in event["examples"])


def reading(name: str, payload: object) -> Event | Ignored:
    return read(Delivery(id="d-1", name=name, body=json.dumps(payload).encode()))


def payload(**more: Any) -> dict[str, Any]:
    return {"sender": {"id": 1, "login": "mona"}, "repository": {"id": 2, "full_name": "o/r"}, **more}


def test_every_example_is_read() -> None:
    read_at_all = [reading(name, example) for name, example in examples()]
    assert len(read_at_all) > 200
    assert sum(not isinstance(event, Ignored) for event in read_at_all) > 90
    for event in read_at_all:
        to_json(event)  # what is stored must be storable


def test_every_example_has_the_shape_we_read_whatever_its_action() -> None:
    for name, example in examples():
        if name in RELEVANT:
            assert not isinstance(reading(name, {**example, "action": RELEVANT[name]}), Ignored), name


def test_a_labelled_issue() -> None:
    issue = {"number": 7, "title": "Add infra", "body": None, "user": None, "labels": [{"name": "infra"}]}
    body = payload(action="labeled", issue=issue, label={"name": "infra"}, installation={"id": 5})
    event = reading("issues", body)
    assert isinstance(event, kinds.IssueChanged)
    assert (event.action, event.label, event.issue.number, event.installation) == ("labeled", "infra", 7, 5)
    assert event.issue.author == GHOST
    assert (event.repository.full_name, event.sender.login, event.delivery) == ("o/r", "mona", "d-1")


def test_a_renamed_account() -> None:
    body = {
        "action": "renamed",
        "account": {"id": 9, "login": "new"},
        "changes": {"login": {"from": "old"}},
        "installation": {"id": 5},
        "target_type": "Organization",
    }
    event = reading("installation_target", body)
    assert isinstance(event, kinds.AccountRenamed)
    assert (event.before, event.account.login, event.installation, event.sender) == ("old", "new", 5, GHOST)


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("star", {"action": "created"}, "`star` events are not read"),
        ("issues", {"action": "edited"}, "`issues` edited changes nothing for us"),
        ("issue_comment", {}, "`issue_comment` without action changes nothing for us"),
    ],
)
def test_what_does_not_concern_us_is_not_even_decoded(name: str, body: object, reason: str) -> None:
    assert reading(name, body) == Ignored(reason=reason)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "`issues` payload"),
        (b"[]", "`issues` payload"),
        (b'{"action": "labeled"}', "repository"),
        (b'{"action": "labeled", "repository": {"id": "x"}}', "$.repository.id"),
        (b'{"action": 1}', "$.action"),
        (b'{"action": "\xff"}', "`issues` payload"),
        (b'{"action":' + b"[" * 100_000, "`issues` payload"),
    ],
)
def test_a_broken_payload_names_what_is_wrong(body: bytes, words: str) -> None:
    with pytest.raises(RejectedError) as caught:
        read(Delivery(id="d", name="issues", body=body))
    assert words in caught.value.what
    assert caught.value.status == 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.sampled_from(sorted(NAMES)), st.binary() | st.builds(lambda it: json.dumps(it).encode(), JSON))
def test_any_bytes_are_an_event_or_a_typed_refusal(name: str, body: bytes) -> None:
    with suppress(RejectedError):
        read(Delivery(id="d", name=name, body=body))


@given(
    st.sampled_from(sorted(RELEVANT.items())),
    st.dictionaries(st.sampled_from(["issue", "comment", "pull_request", "review", "check_run", "installation"]), JSON),
)
def test_any_values_in_the_fields_we_read_are_refused_by_type(event: tuple[str, str], fields: dict[str, Any]) -> None:
    name, action = event
    with suppress(RejectedError):
        reading(name, payload(action=action, **fields))
