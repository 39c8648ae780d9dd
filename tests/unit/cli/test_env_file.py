"""A `.env` keeps what was in it, and gives back what was put in."""

from __future__ import annotations

from io import StringIO

from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.env_file import with_values


def test_a_value_takes_the_place_of_the_one_before_and_the_rest_stays() -> None:
    text = "# port\nexport A=1\nB=2\nA=3\n"
    assert with_values(text, {"A": "x y", "C": "z"}) == '# port\nA="x y"\nB=2\nC=z\n'


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]) | st.just("\n"), max_size=40))
def test_what_is_written_is_read_back(value: str) -> None:
    read = dotenv_values(stream=StringIO(with_values("", {"A": value})), interpolate=False)
    assert read["A"] == value
