"""The page of systems is what the skills and the tests on real containers say today."""

from __future__ import annotations

from bot.blueprint.library import shipped
from tests.matrix import NOTES, PAGE, RAN, page


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.matrix"


def test_every_system_that_a_skill_plays_is_on_the_page() -> None:
    names = {name for skill in shipped().skills.values() for played in skill.names.values() for name in played}
    assert {name for name in names if f"`{name}`" not in page()} == set()


def test_what_is_not_run_has_a_reason() -> None:
    for line in page().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[2] not in {RAN, "proof", "---"}:
            assert len(cells[3]) > 20, line


def test_a_reason_is_not_kept_longer_than_it_holds() -> None:
    assert {name for name in NOTES if f"`{name}`" not in page()} == set()
