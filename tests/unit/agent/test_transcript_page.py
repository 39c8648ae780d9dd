"""The page of a transcript: readable, self-contained, and closed to what the model and its tools said."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

from hypothesis import given

from bot.agent.message import Reply
from bot.agent.transcript import Ended, Talk, read_transcript
from bot.agent.transcript_page import transcript_page
from tests.fakes.model import says
from tests.unit.agent.test_loop import talked
from tests.unit.agent.test_transcript import SCRIPT, recorded, uses
from tests.unit.report.reading import hostile
from tests.unit.report.test_health_html import Page

EDIT = uses(9, "Edit", path="compose.yml", old_string="a: 1\nb: 2\n", new_string="a: 1\nb: 3\n")


def talk(path: Path, *more: Reply) -> Talk:
    talked(recorded(path / "transcript.jsonl", (*SCRIPT[:4], *more, says("All is well."))))
    return read_transcript((path / "transcript.jsonl").read_bytes())[0]


def test_it_shows_what_was_said_done_and_paid(tmp_path: Path) -> None:
    text = " ".join("".join(Page(transcript_page([talk(tmp_path)])).text).split())
    for expected in ("Completed", "All is well.", "$0.090", "of them cached", "no such page", "What it was asked"):
        assert expected in text


def test_an_edit_is_a_diff(tmp_path: Path) -> None:
    page = transcript_page([talk(tmp_path, EDIT)])
    assert '<span class="removed">b: 2</span><span class="added">b: 3</span>' in page
    assert '<span class="same">a: 1</span>' in page


def test_one_that_broke_off_says_so(tmp_path: Path) -> None:
    page = transcript_page([replace(talk(tmp_path), ended=None)])
    assert "Broke off" in page


def test_without_a_model_there_is_nothing_to_tell() -> None:
    assert "No model was asked." in transcript_page([])


def test_its_style_is_the_one_its_policy_allows(tmp_path: Path) -> None:
    page = transcript_page([talk(tmp_path)])
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    assert base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode() in page


@given(hostile, hostile, hostile)
def test_whatever_the_model_says_stays_text(said: str, written: str, command: str) -> None:
    turns = (*TALK.turns, *(replace(turn, reply=_says(turn.reply, said, written, command)) for turn in TALK.turns))
    shown = replace(TALK, turns=turns, ended=Ended(how=said, words=said), begin=replace(TALK.begin, task=written))
    page = Page(transcript_page([shown]))
    assert page.open == []
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert all(
        not name.startswith("on") and name not in {"href", "src"} for name, _ in page.attributes if name != "href"
    )
    assert [value for name, value in page.attributes if name == "href"] == ["data:,"]


def _says(reply: Reply, said: str, written: str, command: str) -> Reply:
    call = {"type": "tool_use", "id": "call_1", "name": command, "input": {"path": said, "content": written}}
    bash = {"type": "tool_use", "id": "call_2", "name": "Bash", "input": {"command": command}}
    text = {"type": "text", "text": said}
    return replace(reply, content=(text, {"type": "thinking", "thinking": written}, call, bash))


def _made() -> Talk:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        return talk(Path(folder), EDIT)


TALK = _made()
