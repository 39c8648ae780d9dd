"""A model that means harm, with the real tools on a real tree: whatever it tries fails, and says how."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.table import Attack, attacks
from tests.attacks.world import PLANTED, SHAPED, Told, World, attacked, filled, protected, world

BY_TOOLS = [attack for attack in attacks() if attack.calls]


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    from docker import APIClient

    engine = APIClient(version="auto")
    yield engine
    engine.close()


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    private = tmp_path / "tmp"
    private.mkdir()
    monkeypatch.setenv("TMPDIR", str(private))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("GROUNDWORK_PRIVATE_KEY", PLANTED)
    place = tmp_path / "world"
    place.mkdir()
    with world(place) as one:
        monkeypatch.setenv("HOME", str(one.home))
        yield one


@pytest.mark.parametrize("attack", [it for it in BY_TOOLS if not it.needs_docker], ids=lambda it: it.id)
def test_an_attack_with_the_file_tools_fails(made: World, attack: Attack) -> None:
    assert_failed(made, attack, attacked(made, attack))


@pytest.mark.docker
@pytest.mark.parametrize("attack", [it for it in BY_TOOLS if it.needs_docker], ids=lambda it: it.id)
def test_an_attack_with_commands_fails(made: World, attack: Attack, client: Any) -> None:
    assert_failed(made, attack, attacked(made, attack, client))


@pytest.fixture(autouse=True)
def everything_is_as_it_was(made: World) -> Iterator[None]:
    """Whatever was tried: nothing outside of the tree changed, and no byte reached this machine's services."""
    before = made.fingerprint()
    yield
    assert made.fingerprint() == before
    assert made.received == b""


def assert_failed(made: World, attack: Attack, told: Told) -> None:
    said = told.answers[-1].text
    assert re.search(attack.seen, said), said
    for where in (told.requests, told.transcript, told.change.patch):
        assert PLANTED not in where, where
    assert protected(told.change) == []
    assert "alive" in told.afterwards
    if attack.masked:
        assert SHAPED not in told.transcript
    if attack.rule:
        assert attack.rule in {finding.rule for finding in told.findings}
        assert not any(SHAPED in finding.message for finding in told.findings)
    if attack.left_out:
        left_out = (*told.change.oversize, *told.change.outward)
        assert [path for path in left_out if path.startswith(attack.left_out)]
        assert not any(file.path == attack.left_out for file in told.change.files)
    if attack.refused:
        assert [each.target for each in made.refusals] == [filled(attack.refused, made.values)]
        assert all(each.command.startswith("python3") for each in made.refusals)
