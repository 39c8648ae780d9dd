"""`groundwork versions`: exit statuses and output, as scripts depend on them; the answers come from a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.blueprint.library import shipped
from bot.cli.main import main

REDIS = shipped().images["redis"].partition(":")[2].partition("-")[0]


def told(tmp_path: Path, text: str) -> str:
    file = tmp_path / "newest.toml"
    file.write_text(text)
    return str(file)


def test_something_behind_ends_with_1_and_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    newest = told(tmp_path, f'[image]\nredis = "{int(REDIS) + 1}.0"\n[npm]\nexpress = "99.1.0"\n')
    assert main(["versions", "--against", newest]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["image", "redis", REDIS, "->", f"{int(REDIS) + 1}.0"]
    assert lines[1].startswith("npm     express  5.")
    assert lines[1].endswith("-> 99.1.0  in express")
    assert lines[2] == "unknown (newest.toml does not name it):"
    assert lines[-1].startswith("2 behind, 0 current, ")


def test_nothing_behind_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["versions", "--against", told(tmp_path, f'[image]\nredis = "{REDIS}.4"\n')]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 behind, 1 current, ")


def test_no_answer_at_all_ends_with_3(tmp_path: Path) -> None:
    assert main(["versions", "--against", told(tmp_path, '[npm]\nnot-ours = "1.0"\n')]) == 3


def test_json_has_every_pin_with_source_and_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["versions", "--json", "--against", told(tmp_path, '[npm]\nexpress = "99.1.0"\n')])
    form = json.loads(capsys.readouterr().out)
    assert form["version"] == 1
    rows = {(row["kind"], row["name"]): row for row in form["pins"]}
    assert rows["npm", "express"]["state"] == "behind"
    assert rows["npm", "express"]["newest"] == "99.1.0"
    redis = rows["image", "redis"]
    assert (redis["state"], redis["newest"], redis["pinned"]) == ("unknown", None, REDIS)
    assert redis["source"]
    assert redis["looked_at"]


@pytest.mark.parametrize("text", ["", "[npm", 'npm = "1"', '[gems]\nrails = "8.0"\n'])
def test_a_file_that_says_nothing_ends_with_2_and_a_hint(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["versions", "--against", told(tmp_path, text)]) == 2
    assert "try: " in capsys.readouterr().err
    assert main(["versions", "--against", str(tmp_path / "none.toml")]) == 2
