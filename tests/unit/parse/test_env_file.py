"""Env files: names, values, places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.parse.env_file import read_env
from bot.parse.source import Source


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("A=1", "A", "1"),
        ("export A=1", "A", "1"),
        ("A = 1 ", "A", "1"),
        ("A='x # y' # z", "A", "x # y"),
        ('A="x # y"', "A", "x # y"),
        ("A=x#y # z", "A", "x#y"),
        ("A=", "A", ""),
        ("A= # nothing", "A", ""),
        ("A", "A", ""),
        ("A=b=c", "A", "b=c"),
        ("\ufeffA=1", "A", "1"),
    ],
)
def test_an_assignment(line: str, name: str, value: str) -> None:
    (variable,) = read_env(Source(".env", line)).variables
    assert (variable.name, variable.value, variable.name_span.text) == (name, value, name)


@pytest.mark.parametrize("line", ["", "# A=1", "1A=2", "=x", "- A=1", "not an assignment"])
def test_what_is_none(line: str) -> None:
    assert read_env(Source(".env", line)).variables == ()


def test_a_quoted_value_may_span_lines_and_the_last_of_a_name_counts() -> None:
    env = read_env(Source(".env", 'A="x\ny"\r\nB=1\r\nB=2\r\n'))
    assert (env.get("A"), env.get("B"), env.get("C")) == ("x\ny", "2", None)
    assert [variable.name_span.line for variable in env.variables] == [1, 3, 4]


@given(st.text(max_size=200))
def test_any_text_is_read_and_every_place_is_true(text: str) -> None:
    for variable in read_env(Source(".env", text)).variables:
        assert variable.name_span.text == variable.name
        assert variable.value in variable.value_span.text
