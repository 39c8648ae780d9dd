"""What a stranger hides is not read; what a person sees is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.untrusted import visible

HIDDEN = [
    "<!-- SECRET -->",
    "<!--\nSECRET\n-->",
    "<!--> SECRET -->",
    "text <!-- SECRET",  # never closed: a browser hides all that follows
    "<?x SECRET ?>",
    "<![CDATA[ SECRET ]]>",
    "[//]: # (SECRET)",
    '[comment]: <> "SECRET"',
    "``` \n<!-- SECRET -->\n```",
    "<!\u200b-- SECRET -->",
    "".join(chr(0xE0000 + ord(c)) for c in "SECRET"),
    "".join(chr(0xE0100 + ord(c)) for c in "SECRET"),
]


@pytest.mark.parametrize("text", HIDDEN)
def test_hidden_words_are_gone(text: str) -> None:
    shown = visible(f"before\n{text}\n")
    assert "SECRET" not in shown
    assert shown.startswith("before\n")
    assert not any(ord(c) >= 0xE0000 for c in shown)


@pytest.mark.parametrize(
    "text",
    [
        "# Läden für 日本 🚀 und ❤️",
        "```php\n<?php echo 1; ?>\n```\n",
        "[docs]: https://example.org\n",
        "a -- b --> c <b>bold</b> x < y\r\n\tindented",
        "",
    ],
)
def test_what_a_person_sees_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_invisible_and_reordering_characters_are_gone() -> None:
    assert visible("ad\u200bmin\u202e \u2066x\u2069 \ufeff\x00\x1b[0m") == "admin x [0m"


@given(st.text(alphabet=st.sampled_from("<!-> \n`~?[]:#()\"'abc\u200b\u202e\r") | st.characters()))
def test_lines_keep_their_numbers_and_twice_is_once(text: str) -> None:
    shown = visible(text)
    assert shown.count("\n") == text.count("\n")
    assert visible(shown) == shown
    assert "<!--" not in shown


@given(st.text(alphabet="abc<!->\n "), st.text(alphabet="abc<!->\n "))
def test_a_comment_is_gone_wherever_it_stands(before: str, after: str) -> None:
    assert "SECRET" not in visible(f"{before}<!-- SECRET -->{after}")


def test_removing_one_comment_does_not_make_another() -> None:
    assert visible("<!<!-- x -->-- words -->") == "<! -- words -->"
