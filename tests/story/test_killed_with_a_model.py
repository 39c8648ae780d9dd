"""The App with a model, killed between and inside its turns: the run ends the same, and no turn is paid for twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.messages_server import Answer, messages_server
from tests.story.conftest import ASKS
from tests.story.emulator.github import GitHub
from tests.story.killed import Story, Worker, begun
from tests.story.test_claude_engine import WRITTEN, write

COMPOSE = "src/docker-compose.yml"


def answered(request: dict[str, Any]) -> Answer:
    """What the model says of a review: the first request is done, the others are not."""
    keys = list(dict.fromkeys(re.findall(r"ANSWER ([a-z]+-\d+) done", str(request["messages"][0]))))
    lines = [f"ANSWER {key} {'done: as asked' if key == keys[0] else 'not done: a question'}" for key in keys]
    return Answer("Revised.\n" + "\n".join(lines))


SCRIPTS: dict[str, tuple[Answer | Callable[[dict[str, Any]], Answer], ...]] = {
    "write": WRITTEN,
    "repair-2": (Answer("", (write("src/.gitignore", ".env\nnode_modules/\n"),)), Answer("Mended.")),
    "revise": (Answer("", (write("src/NOTES.md", "as asked\n"),)), answered),
}
TURNS = [f"{phase} {turn}" for phase, script in SCRIPTS.items() for turn in range(1, len(script) + 1)]


@dataclass
class Model:
    """Says the same whenever it is asked the same, and keeps what it was asked: each is paid for."""

    asked: list[str] = field(default_factory=list)
    on_asked: Callable[[str], object] = lambda _turn: None

    def reply(self, request: dict[str, Any]) -> Answer:
        opening = str(request["messages"][0])
        phase = "revise" if "ANSWER " in opening else "repair-2" if "is `::1` first" in opening else "write"
        turn = sum(one["role"] == "assistant" for one in request["messages"])
        self.asked.append(f"{phase} {turn + 1}")
        self.on_asked(f"inside {self.asked[-1]}")
        said = SCRIPTS[phase][turn]
        return said if isinstance(said, Answer) else said(request)


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


def around(turn: str) -> list[str]:
    """The places around a turn: it was asked for, it was answered, its answer was stored."""
    phase, number = turn.split()
    return [f"inside {turn}", *(f"{when} {phase}-<key>-turn-{number} is stored" for when in ("before", "after"))]


# A draft is taken up four times: no share kills one more often.
SHARES = (
    {f"inside {turn}" for turn in TURNS},
    {around(turn)[1] for turn in TURNS},
    {around(turn)[2] for turn in TURNS} | {f"before {phase}-begin is stored" for phase in SCRIPTS},
    {f"{when} tell-{phase} is stored" for phase in SCRIPTS for when in ("before", "after")}
    | {"before draft is stored", "after draft is stored", "before DBOS.getResult is stored"}
    | {f"after {phase}-check is stored" for phase in SCRIPTS},
    {f"after {phase}-begin is stored" for phase in SCRIPTS} | {f"before {phase}-check is stored" for phase in SCRIPTS},
)
ON_POSTGRES = {1, 2}


@dataclass(frozen=True)
class Seen:
    """What came of a label and then a review: the lives that took, the places passed, and what people read."""

    lives: int
    places: frozenset[str]
    read: dict[str, Any]


def told(story: Story, model: Model, die: set[str]) -> Seen:
    model.on_asked = story.pass_
    number = story.repository.issue("Add infrastructure", ASKS)
    label = story.tell(story.repository.label(number), die=frozenset(one for one in die if "revise" not in one))
    assert label.ended == ["ready"]
    (pull,) = story.repository.pulls()
    beside = {COMPOSE: "Say it in src/NOTES.md", "src/.env.example": "Is this nice?"}
    review = story.repository.review(pull["number"], "", beside=beside)
    revised = story.tell(review, die=frozenset(one for one in die if "revise" in one))
    assert revised.ended == ["revised 1 of 2"]
    places = frozenset({*label.places, *revised.places})
    return Seen(label.lives + revised.lives, places, story.read(number))


@pytest.fixture(scope="module")
def unharmed(emulated: GitHub, worker: Worker, key_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    model = Model()
    with messages_server(model.reply) as server:
        folder = tmp_path_factory.mktemp("unharmed")
        seen = told(begun(emulated, worker, key_file, folder, "model-unharmed", model=server.url), model, set())
    assert model.asked == TURNS
    return seen


@pytest.mark.usefixtures("github")
def test_the_places_are_those_of_every_turn(unharmed: Seen) -> None:
    assert unharmed.lives == 2
    assert frozenset().union(*SHARES) <= unharmed.places
    turns = {re.sub(r"^(before|after) | is stored$", "", place) for place in unharmed.places if "-turn-" in place}
    assert len(turns) == len(TURNS), "each has its share"


@pytest.mark.parametrize("share", range(len(SHARES)))
def test_killed_around_any_turn_a_run_ends_the_same_and_only_the_turn_in_flight_is_paid_again(
    github: GitHub,
    key_file: Path,
    tmp_path: Path,
    worker: Worker,
    unharmed: Seen,
    request: pytest.FixtureRequest,
    share: int,
) -> None:
    die, model = SHARES[share], Model()
    database = request.getfixturevalue("database") if share in ON_POSTGRES else ""
    with messages_server(model.reply) as server:
        more = {"alone": share % 2 == 0, "database": database, "model": server.url}
        seen = told(begun(github, worker, key_file, tmp_path, f"model-{share}", **more), model, die)
    assert seen.lives == len(die) + 2
    assert seen.read == unharmed.read
    in_flight = [turn for turn in TURNS if die & {*around(turn)[:2]}]
    assert Counter(model.asked) == Counter([*TURNS, *in_flight])
