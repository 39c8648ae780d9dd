"""The library: every skill explains itself, and every image has a source and a date."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from bot.blueprint.library import prompts_folder, read_library, shipped
from bot.errors import InvalidValueError

FOLDERS = sorted(path for path in (prompts_folder() / "skills").iterdir() if not path.name.startswith("_"))
FRONT = re.compile(r"\A---\nname: (?P<name>.+)\ndescription: (?P<description>.+)\n---\n\n# ")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_skill_explains_itself_to_the_model(folder: Path) -> None:
    front = FRONT.match((folder / "SKILL.md").read_text(encoding="utf-8"))
    assert front, "front matter with name and description, then a heading"
    assert front["name"] == folder.name
    assert 20 <= len(front["description"]) <= 200


def test_every_image_is_pinned_with_its_source_and_date() -> None:
    images = tomllib.loads((prompts_folder() / "versions.toml").read_text())["images"]
    for key, entry in images.items():
        assert re.fullmatch(r"[a-z/]+:(?:v|RELEASE\.)?\d[\w.-]*", entry["reference"]), key
        assert entry["source"].startswith("https://"), key
        assert isinstance(entry["looked_at"], date), key


def test_every_image_is_used_and_none_is_named_elsewhere() -> None:
    templates = {
        f"{skill.name}/{path}": content.decode()
        for skill in shipped().skills.values()
        for path, content in skill.files.items()
        if path.endswith(".j2")
    }
    used = {key for text in templates.values() for key in re.findall(r"\[= images\.(\w+) =\]", text)}
    assert used <= set(shipped().images)
    literal = re.compile(r"^(?:FROM|\s+image:) (?!\[=)(?P<image>\S+:\S+)", re.MULTILINE)
    assert {name: found["image"] for name, text in templates.items() if (found := literal.search(text))} == {}


def test_a_skill_that_is_not_written_as_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "skills/odd").mkdir(parents=True)
    (tmp_path / "versions.toml").write_text("[images]\n")
    (tmp_path / "skills/odd/skill.toml").write_text('title = "Odd"\n[[variables]]\nnam = "X"\n')
    with pytest.raises(InvalidValueError, match="odd"):
        read_library(tmp_path)


def test_every_name_that_a_skill_supports_is_played_by_somebody() -> None:
    skills = shipped().skills.values()
    for skill in skills:
        for part, names in skill.supports.items():
            played = {name for other in skills for name in other.names.get(part, ())}
            assert set(names) <= played, (skill.name, part)
