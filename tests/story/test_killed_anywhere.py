"""The App, killed at every place that a first, unharmed run was seen to pass, and started again: it ends the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.story.conftest import ASKS
from tests.story.emulator.github import GitHub
from tests.story.killed import Story, Told, Worker, begun

MOST = 20  # times that a run is taken up, and a draft four times: no share kills one more often
SHARES = 7
ON_POSTGRES = {2, 5}  # the others are stored in SQLite
# A turn is paid when the engine was asked, whether or not its answer was stored; each is in flight at these places.
IN_FLIGHT = {
    "build": "before write is stored",
    "repair": "before repair-2 is stored",
    "revise": "before revise is stored",
}
COMPOSE = "src/docker-compose.yml"


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    worker = Worker()
    try:
        yield worker
    finally:
        worker.close()


@pytest.fixture(scope="module")
def key_file(key: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "key.pem"
    path.write_text(key)
    return path


def labelled(story: Story, die: frozenset[str] = frozenset()) -> tuple[Told, int]:
    number = story.repository.issue("Add infrastructure", ASKS)
    told = story.tell(story.repository.label(number), die=die)
    assert told.ended == ["ready"]
    return told, number


def reviewed(story: Story, die: frozenset[str] = frozenset()) -> Told:
    (pull,) = story.repository.pulls()
    beside = {COMPOSE: "Say it in src/ports.txt", "src/.env.example": "Is this nice?"}
    told = story.tell(story.repository.review(pull["number"], "", beside=beside), die=die)
    assert told.ended == ["revised 1 of 2"]
    return told


@dataclass(frozen=True)
class Unharmed:
    """What nobody killed: the places that were passed, and what was there for people after each run."""

    story: Story
    label: Told
    proposed: dict[str, Any]
    review: Told
    revised: dict[str, Any]


@pytest.fixture(scope="module")
def unharmed(emulated: GitHub, worker: Worker, key_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Unharmed:
    story = begun(emulated, worker, key_file, tmp_path_factory.mktemp("unharmed"), "unharmed")
    label, number = labelled(story)
    proposed = story.read(number)
    review = reviewed(story)
    assert label.lives == review.lives == 1
    return Unharmed(story, label, proposed, review, story.read(number))


@pytest.mark.usefixtures("github")
def test_the_places_are_those_of_whole_runs(unharmed: Unharmed) -> None:
    assert unharmed.story.lines("paid") == ["build", "repair", "revise"]
    label, review = unharmed.label.places, unharmed.review.places
    for step in ("seen", "base", "brief", "write", "commit-1", "verify-1", "repair-2", "commit-2", "propose"):
        assert {f"before {step} is stored", f"after {step} is stored"} <= {*label}
    for write in ("FETCH 1", "PUSH first", "PUSH further", "POST /pulls Closes #<n>", "POST /check-runs completed"):
        assert {f"before {write}", f"after {write}"} <= {*label}
    assert "inside FETCH 1" in label
    for step in ("gather", "revise", "commit-1", "verify-1", "propose", "answer-thread-<n>", "tell-end"):
        assert {f"before {step} is stored", f"after {step} is stored"} <= {*review}
    assert any("resolveReviewThread" in place for place in review)
    for places in (label, review):
        assert len(places) == len({*places})
        assert len(places) / SHARES < MOST, "take more shares"


@pytest.mark.parametrize("share", range(SHARES))
def test_killed_at_any_place_a_run_and_its_revision_end_the_same(
    github: GitHub,
    worker: Worker,
    key_file: Path,
    tmp_path: Path,
    unharmed: Unharmed,
    request: pytest.FixtureRequest,
    share: int,
) -> None:
    database = request.getfixturevalue("database") if share in ON_POSTGRES else ""
    story = begun(github, worker, key_file, tmp_path, f"killed-{share}", alone=share % 2 == 1, database=database)
    die = frozenset(unharmed.label.places[share::SHARES])
    label, number = labelled(story, die)
    assert label.lives == len(die) + 1
    assert story.read(number) == unharmed.proposed
    also = frozenset(unharmed.review.places[share::SHARES])
    assert reviewed(story, also).lives == len(also) + 1
    assert story.read(number) == unharmed.revised
    assert Counter(story.lines("paid")) == paid(unharmed.story, die | also)


def paid(unharmed: Story, die: frozenset[str]) -> Counter[str]:
    """Every turn once, and those once more that were in flight."""
    return Counter(unharmed.lines("paid")) + Counter(turn for turn, place in IN_FLIGHT.items() if place in die)
