"""What is called behind, and that every version a scaffold fixes is looked at."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.blueprint.library import prompts_folder, shipped
from bot.blueprint.newest import Answer, answers, ask_clients
from bot.blueprint.pin import Pin, pins, standing


def pin(version: str, name: str = "thing") -> Pin:
    return Pin(kind="npm", name=name, version=version)


@pytest.mark.parametrize(
    ("fixed", "newest", "state"),
    [
        ("3.12", "3.13.1", "behind"),
        ("3.12", "3.12.9", "current"),  # a rebuild brings that by itself
        ("7", "8.0.2", "behind"),
        ("7", "7.4", "current"),
        ("5.1.0", "5.1.0", "current"),
        ("5.9.3", "5.10.0", "behind"),  # numbers, not letters
        ("5.2.0", "5.1.9", "current"),  # ahead of what the other says
        ("5.1.0", "6", "behind"),
        ("3.5", "v3.6", "behind"),
    ],
)
def test_a_pin_is_behind_as_far_as_it_goes(fixed: str, newest: str, state: str) -> None:
    assert standing(pin(fixed), newest, why="").state == state


def test_what_nobody_says_is_unknown_with_the_reason() -> None:
    found = standing(pin("1.0"), "", why="not reachable")
    assert (found.state, found.why) == ("unknown", "not reachable")
    assert standing(pin(""), "2.0", why="").state == "unknown"


def test_every_image_and_every_package_asked_for_is_a_pin_with_source_and_date() -> None:
    found = pins(shipped(), prompts_folder())
    assert len([one for one in found if one.kind == "image"]) == len(shipped().images)
    named = {(one.kind, one.name): one for one in found}
    assert named["npm", "express"].skills == ("express",)
    assert set(named["pypi", "celery"].skills) >= {"django", "fastapi", "flask"}
    assert named["image", "apache/kafka"].version == "4.1.0"
    for one in found:
        assert one.version, one.name
        assert one.source, one.name
        assert one.looked_at.count("-") == 2, one.name


def test_each_name_is_asked_for_once_and_every_pin_gets_its_answer() -> None:
    asked: list[str] = []

    def ask(one: Pin) -> Answer:
        asked.append(one.name)
        return Answer(newest=f"{len(one.name)}.0")

    found = answers([pin("1.0"), pin("2.0"), pin("1.0", "else")], ask)
    assert [answer.newest for answer in found] == ["5.0", "5.0", "4.0"]
    assert sorted(asked) == ["else", "thing"]


@pytest.mark.parametrize(
    ("script", "newest", "why"),
    [
        ("echo '\"5.3.0\"'", "5.3.0", ""),
        ("exit 1", "", "not reachable: npm ended with status 1"),
        ("echo nonsense", "", "npm answered with something that is no version"),
        ("", "", "not reachable: npm is not installed"),
    ],
)
def test_npm_answers_or_the_reason_is_given(
    script: str, newest: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if script:
        client = tmp_path / "npm"
        client.write_text(f"#!/bin/sh\n{script}\n")
        client.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ask_clients(pin("1.0")) == Answer(newest=newest, why=why)


@pytest.mark.parametrize(
    ("script", "newest", "why"),
    [
        ("echo 'thing (3.1.2)'; echo 'Available versions: 3.1.2, 3.1.1'", "3.1.2", ""),
        ("exit 1", "", "not reachable: pip ended with status 1"),
        ("echo nonsense", "", "pip answered with something that is no version"),
    ],
)
def test_pip_answers_or_the_reason_is_given(
    script: str, newest: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    assert ask_clients(Pin(kind="pypi", name="thing", version="3.0")) == Answer(newest=newest, why=why)


@pytest.mark.parametrize(
    ("script", "newest", "why"),
    [
        (
            r"printf 'abc\trefs/tags/v7\nabc\trefs/tags/v7.9.0\nabc\trefs/tags/v7.10.1\nabc\trefs/tags/latest\n'",
            "7.10.1",
            "",
        ),
        (r"printf 'abc\trefs/tags/v7\n'", "", "git answered with something that is no version"),
        ("exit 128", "", "not reachable: git ended with status 128"),
    ],
)
def test_git_knows_the_newest_version_of_an_action(
    script: str, newest: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = tmp_path / "git"
    git.write_text(f"#!/bin/sh\n{script}\n")
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert ask_clients(Pin(kind="action", name="actions/checkout", version="7.0.1")) == Answer(newest=newest, why=why)


def test_an_image_is_never_guessed_at() -> None:
    answer = ask_clients(Pin(kind="image", name="redis", version="7"))
    assert not answer.newest
    assert "not reachable" in answer.why
