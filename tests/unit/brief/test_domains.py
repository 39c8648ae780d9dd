"""Which addresses in a table are the project's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.brief.read import read_document


@pytest.mark.parametrize(
    ("head", "cell", "own"),
    [
        ("App | URL", "`board.quince-lab.com`", True),
        ("Service | Domain", "board.quince-lab.com", True),
        ("Service | URL", "https://rates.quince-lab.com", False),
        ("API | URL", "rates.quince-lab.com", False),
        ("Provider | Host", "rates.quince-lab.com", False),
        ("App | URL", "`board.example.com`", False),
    ],
)
def test_a_column_of_addresses_names_own_domains_unless_it_is_of_others(
    tmp_path: Path, head: str, cell: str, own: bool
) -> None:
    document = tmp_path / "IDEA.md"
    document.write_text(f"# Board\n\nFastAPI.\n\n| {head} |\n|---|---|\n| board | {cell} |\n")
    assert bool(read_document(document).custom_domains) is own
