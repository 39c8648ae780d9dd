"""Which container could not be created is read from what compose printed, or left open."""

from __future__ import annotations

from bot.verify.uncreated import uncreated

_WORDS = "Error response from daemon: invalid mount config"


def test_the_one_that_was_being_created_is_named_with_the_engines_words() -> None:
    lines = [
        " Network shop_default  Created",
        " Container shop-db-1  Creating",
        " Container shop-db-1  Created",
        " Container shop-web-server-1  Creating",
        _WORDS,
    ]
    assert uncreated(lines, "shop") == ("web-server", "invalid mount config")


def test_of_two_at_once_none_is_blamed() -> None:
    lines = [" Container shop-a-1  Creating", " Container shop-b-1  Creating", _WORDS]
    assert uncreated(lines, "shop") is None


def test_an_error_after_all_were_created_is_not_about_creation() -> None:
    assert uncreated([" Container shop-a-1  Creating", " Container shop-a-1  Created", _WORDS], "shop") is None
    assert uncreated([" Container shop-a-1  Creating"], "shop") is None
