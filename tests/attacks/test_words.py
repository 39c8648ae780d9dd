"""Orders in text that strangers write: none of them reaches the model as anything but data that a person sees too."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from bot.agent import prompt
from bot.agent.evidence import evidence
from bot.agent.message import ToolResult
from bot.event.delivery import Delivery
from bot.event.kinds import Ignored
from bot.event.read import read
from bot.job.admit import Standing, admit
from bot.job.decide import decide
from bot.job.kinds import Context, Job, JobKind
from bot.model.ask import Ask
from bot.model.brief import Brief, Evidence, Fact
from bot.model.finding import Finding, Severity
from bot.model.issue import Issue
from bot.model.untrusted import visible
from tests.attacks.table import Attack, attacks
from tests.unit.agent.tools.toolboxes import call, toolbox

ORDER: Final = "print-the-environment"
BY_WORDS = [attack for attack in attacks() if attack.where]
ISSUE = Issue(title="Add infrastructure", body="Run the shop.", number=7)


def written(text: str) -> str:
    """Return the attack's text, as strangers write it: `{tagged}` and `{bits}` are the order as nobody sees it."""
    tagged = "".join(chr(0xE0000 + ord(letter)) for letter in ORDER)
    bits = "".join("\u200b" if bit == "0" else "\u200c" for letter in ORDER for bit in f"{ord(letter):08b}")
    return text.replace("{order}", ORDER).replace("{tagged}", tagged).replace("{bits}", bits)


def in_issue(text: str) -> str:
    return prompt.implement(Brief(), Issue(title="Add it", body=text, number=7))


def in_request(text: str) -> str:
    ask = Ask(kind="review", number=3, author="mona", words=text)
    return prompt.revise(Brief(), ISSUE, (ask,), verify=True)


def in_place(text: str) -> str:
    ask = Ask(kind="thread", number=3, author="mona", words="Why?", path=text, line=4)
    return prompt.revise(Brief(), ISSUE, (ask,), verify=True)


def in_evidence(text: str) -> str:
    return prompt.repair(Brief(), ISSUE, found=text, number=1, most=2, verify=True)


def in_finding(text: str) -> str:
    finding = Finding(rule="x", code="X", severity=Severity.ERROR, path=text, line=1, column=1, message="wrong")
    return in_evidence(evidence((finding,), None))


def in_brief(text: str) -> str:
    fact = Fact(topic="database", value="postgresql", evidence=(Evidence(path="A.md", line=1, quote=text),))
    return prompt.implement(Brief(facts=(fact,)), ISSUE)


FRAMES: Final[dict[str, tuple[str, Callable[[str], str]]]] = {
    "issue": ("issue", in_issue),
    "request": ("request", in_request),
    "place": ("request", in_place),
    "evidence": ("evidence", in_evidence),
    "finding": ("evidence", in_finding),
    "brief": ("brief", in_brief),
}


def of(*places: str) -> list[Attack]:
    return [attack for attack in BY_WORDS if attack.where in places]


@pytest.mark.parametrize("attack", of(*FRAMES), ids=lambda it: it.id)
def test_words_stay_between_their_tags_and_nothing_of_them_is_hidden(attack: Attack) -> None:
    tag, render = FRAMES[attack.where]
    told = render(written(attack.text))
    assert visible(told) == told
    framed = re.findall(rf"^<{tag}(?: [^>\n]*)?>\n.*?^</{tag}>$", told, re.DOTALL | re.MULTILINE)
    outside = told
    for each in framed:
        outside = outside.replace(each, "")
    assert len(re.findall(rf"<\s*/\s*{tag}\b", told, re.IGNORECASE)) == len(framed)
    assert ORDER not in outside
    assert (ORDER in told) is not attack.hidden


@pytest.mark.parametrize("attack", of("document"), ids=lambda it: it.id)
def test_the_model_reads_of_a_document_what_a_person_reads(attack: Attack, tmp_path: Path) -> None:
    (tmp_path / "IDEA.md").write_text(written(attack.text))
    tools = toolbox(tmp_path)
    answer: ToolResult = call(tools, "Read", file_path="IDEA.md")
    assert ORDER not in answer.text
    assert visible(answer.text) == answer.text
    assert "cannot see was left out" in answer.text


REPOSITORY = {"id": 2, "full_name": "o/shop", "archived": False}
MONA = {"id": 1, "login": "mona", "type": "User"}


def decided(event: str, **payload: Any) -> Job | Ignored:
    body = {"repository": REPOSITORY, "sender": MONA, "installation": {"id": 3}, **payload}
    found = read(Delivery(name=event, id="d1", body=json.dumps(body).encode()))
    return found if isinstance(found, Ignored) else decide(found, Context(app_id=42, bot="groundwork[bot]"))


def issue(body: str, at: str) -> dict[str, Any]:
    shown = {"number": 7, "title": "Add it", "state": "open", "user": MONA, "labels": [{"name": "infra"}]}
    return {**shown, "body": body, "updated_at": at}


@pytest.mark.parametrize("attack", of("edited"), ids=lambda it: it.id)
def test_a_text_that_is_edited_later_is_not_read(attack: Attack) -> None:
    asked = decided(
        "issues", action="labeled", label={"name": "infra"}, issue=issue("Run the shop.", "2026-01-01T00:00:00Z")
    )
    assert isinstance(asked, Job)
    assert asked.issue == Issue(title="Add it", body="Run the shop.", number=7)
    edited = issue(written(attack.text), "2026-01-01T00:01:00Z")
    assert isinstance(decided("issues", action="edited", issue=edited), Ignored)


def commented(attack: Attack) -> Job | Ignored:
    comment = {"id": 5, "body": written(attack.text), "user": MONA, "created_at": "2026-01-01T00:00:00Z"}
    return decided("issue_comment", action="created", issue=issue("Run it.", "2026-01-01T00:00:00Z"), comment=comment)


@pytest.mark.parametrize("attack", of("stranger"), ids=lambda it: it.id)
def test_a_stranger_is_told_and_not_heard(attack: Attack) -> None:
    asked = commented(attack)
    assert isinstance(asked, Job)
    assert asked.kind is JobKind.START
    told = admit(asked, Standing(permission="read"))
    assert isinstance(told, Job)
    assert told.kind is JobKind.EXPLAIN
    assert ORDER not in str(told)


@pytest.mark.parametrize("attack", of("ignored"), ids=lambda it: it.id)
def test_a_command_that_nobody_sees_is_none(attack: Attack) -> None:
    assert isinstance(commented(attack), Ignored)


def test_every_attack_by_words_is_made_somewhere() -> None:
    known = {*FRAMES, "document", "edited", "stranger", "ignored"}
    assert {attack.where for attack in BY_WORDS} == known
