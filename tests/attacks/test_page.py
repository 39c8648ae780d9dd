"""The page of security tells every attack that the tests try, and is what its program writes."""

from __future__ import annotations

from tests.attacks.page import PAGE, page
from tests.attacks.table import attacks


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.attacks.page"


def test_it_tells_every_attack_once() -> None:
    names = [attack.id for attack in attacks()]
    assert len(set(names)) == len(names)
    assert len(names) >= 60
    assert all(page().count(f"| {name} | ") == 1 for name in names)
