"""The transcript: written turn by turn, whole after a kill, without secrets, and enough to play the run again."""

from __future__ import annotations

import asyncio
import json
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agent.limit import Completed, Spent
from bot.agent.loop import Conversation
from bot.agent.message import Block, Reply, ToolResult
from bot.agent.replay import Difference, ReplayModel, differences
from bot.agent.transcript import read_transcript
from bot.agent.transcript_file import TranscriptFile
from bot.errors import InvalidValueError
from bot.model.redact import Redactor
from tests.fakes.model import ScriptedModel, says
from tests.unit.agent.test_loop import conversation, talked

SECRET = "hunter2-planted-secret"


@dataclass
class Notebook:
    """Two tools with an effect: `Write` puts a text under a name, `Read` gives it back."""

    pages: dict[str, str] = field(default_factory=dict)

    @property
    def definitions(self) -> tuple[Block, ...]:
        return tuple({"name": name, "input_schema": {"type": "object"}} for name in ("Write", "Read"))

    async def call(self, name: str, arguments: Any) -> ToolResult:
        if name == "Write":
            self.pages[arguments["path"]] = arguments["content"]
            return ToolResult(text="written")
        if arguments["path"] not in self.pages:
            return ToolResult(text="no such page", is_error=True)
        return ToolResult(text=self.pages[arguments["path"]])


def uses(number: int, name: str, **arguments: str) -> Reply:
    block: Block = {"type": "tool_use", "id": f"call_{number}", "name": name, "input": arguments}
    return Reply(content=(block,), stop_reason="tool_use", spent=Spent(turns=1, fresh=100, read=900, dollars=0.02))


SCRIPT = (
    uses(1, "Write", path="Dockerfile", content="FROM python:3.12-slim\n"),
    uses(2, "Read", path="compose.yml"),
    uses(3, "Write", path="compose.yml", content=f"password: {SECRET}\n"),
    uses(4, "Read", path="compose.yml"),
    says("done"),
)


def recorded(path: Path, script: tuple[Reply, ...] = SCRIPT, **changes: Any) -> Conversation:
    recorder = TranscriptFile(path, Redactor([SECRET]))
    return conversation(list(script), tools=Notebook(), recorder=recorder, **changes)


def test_every_turn_is_there_and_its_cost(tmp_path: Path) -> None:
    path = tmp_path / "out" / "transcript.jsonl"
    talked(recorded(path))
    (talk,) = read_transcript(path.read_bytes())
    assert [turn.reply.stop_reason for turn in talk.turns] == ["tool_use"] * 4 + ["end_turn"]
    assert (talk.begin.task, talk.begin.system) == ("Build it.", "You build infrastructure.")
    assert talk.ended
    assert (talk.ended.how, talk.ended.words) == ("completed", "done")
    assert talk.spent.dollars == pytest.approx(0.09)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_secret_is_nowhere_in_it(tmp_path: Path) -> None:
    path = tmp_path / "transcript.jsonl"
    talked(recorded(path, (*SCRIPT[:4], says(f"I found {SECRET}, and AKIAABCDEFGHIJKLMNOP."))))
    text = path.read_text()
    assert SECRET not in text
    assert "AKIAABCDEFGHIJKLMNOP" not in text
    assert "password: ***" in text


def test_played_again_without_a_model_it_makes_the_same(tmp_path: Path) -> None:
    path, notebook = tmp_path / "transcript.jsonl", Notebook()
    script = (*SCRIPT[:2], uses(3, "Write", path="compose.yml", content="services: {}\n"), *SCRIPT[3:])
    _, turns = talked(replace(recorded(path, script), tools=notebook))
    (talk,) = read_transcript(path.read_bytes())
    again = Notebook()
    end, replayed = talked(conversation([], model=ReplayModel(talk), tools=again))
    assert end == Completed(words="done")
    assert again.pages == notebook.pages != {}
    assert [turn.results for turn in replayed] == [turn.results for turn in turns]
    assert differences(talk, replayed) == ()


def test_what_answers_otherwise_when_played_again_is_told(tmp_path: Path) -> None:
    path = tmp_path / "transcript.jsonl"
    talked(recorded(path))
    (talk,) = read_transcript(path.read_bytes())
    _, replayed = talked(conversation([], model=ReplayModel(talk), tools=Notebook({"compose.yml": "{}"})))
    assert differences(talk, replayed)[0] == Difference(turn=2, tool="Read", then="no such page", now="{}")


def test_a_transcript_that_breaks_off_ends_its_replay_in_words(tmp_path: Path) -> None:
    path = tmp_path / "transcript.jsonl"
    talked(recorded(path))
    lines = path.read_bytes().splitlines(keepends=True)
    (talk,) = read_transcript(b"".join(lines[:3]))
    assert talk.ended is None
    end, _ = talked(conversation([], model=ReplayModel(talk), tools=Notebook()))
    assert "ends after 2 turns" in end.words


@given(data=st.data())
def test_killed_at_any_byte_and_gone_on_with_it_is_the_same(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("killed") / "transcript.jsonl"
    talked(recorded(path))
    whole = path.read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    talked(recorded(path))  # a durable engine tells every turn again, from its store
    assert [_without_time(line) for line in path.read_text().splitlines()] == [
        _without_time(line) for line in whole.decode().splitlines()
    ]


def _without_time(line: str) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(line)
    return {name: value for name, value in entry.items() if name != "at"}


def test_several_conversations_stand_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "transcript.jsonl"
    talked(recorded(path))
    talked(recorded(path, (says("mended"),), key="run-1-repair-2"))
    talks = read_transcript(path.read_bytes())
    assert [(talk.begin.key, len(talk.turns)) for talk in talks] == [("run-1-write", 5), ("run-1-repair-2", 1)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"hello\n", "line 1 is not a line of a transcript"),
        (b"[1]\n", "it is no object"),
        (b'{"kind": "turn", "key": "x", "number": 1}\n', "line 1"),
        (b'{"kind": "begin", "version": 99, "key": "x"}\n', "version 99"),
        (b"[" * 100_000 + b"\n", "line 1"),
        (b"\xff\xfe\n", "line 1"),
    ],
)
def test_what_is_no_transcript_is_said_and_left_as_it_is(data: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "transcript.jsonl"
    path.write_bytes(data)
    with pytest.raises(InvalidValueError, match=said):
        TranscriptFile(path, Redactor())
    assert path.read_bytes() == data


def test_the_script_is_a_model_like_any_other() -> None:
    model = ScriptedModel([says("done")])
    assert asyncio.run(conversation([], model=model).talk())[0] == Completed(words="done")
