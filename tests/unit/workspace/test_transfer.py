"""Which failed transfers are tried again, and the words for those that are not."""

from __future__ import annotations

import pytest

from bot.workspace.transfer import passes, unreachable

PASSES = [
    ("fatal: unable to access 'https://github.com/a/b.git/': The requested URL returned error: 503", 128),
    ("error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502", 128),
    ("error: RPC failed; curl 92 HTTP/2 stream 5 was not closed cleanly: CANCEL (err 8)", 128),
    ("fatal: unable to access 'https://github.com/a/b.git/': Could not resolve host: github.com", 128),
    ("fatal: unable to access 'https://github.com/': Recv failure: Connection reset by peer", 128),
    ("fetch-pack: unexpected disconnect while reading sideband packet\nfatal: early EOF", 128),
    ("error: The requested URL returned error: 429", 128),
    ("", -9),
]
STAYS = [
    ("remote: Repository not found.\nfatal: repository 'https://github.com/a/b.git/' not found", 128),
    ("fatal: unable to access 'https://github.com/a/b.git/': The requested URL returned error: 403", 128),
    ("fatal: couldn't find remote ref refs/heads/gone", 128),
    ("fatal: refusing to fetch into branch 'refs/heads/error-500'", 128),
    ('Timeout: the command "git fetch" did not complete in 600 secs.', -9),
    ("SSL certificate problem: self-signed certificate in certificate chain", 128),
]


@pytest.mark.parametrize(("stderr", "status"), PASSES)
def test_what_breaks_by_the_network_or_a_busy_server_is_tried_again(stderr: str, status: int) -> None:
    assert passes(stderr, status)


@pytest.mark.parametrize(("stderr", "status"), STAYS)
def test_what_stays_is_told_at_once(stderr: str, status: int) -> None:
    assert not passes(stderr, status)


def test_the_words_say_how_often_it_was_tried_and_what_to_do() -> None:
    said = str(unreachable("\n  stderr: 'fatal: the requested URL returned error: 503'", 128, attempts=3))
    assert "3 times" in said
    assert "503" in said
    assert "ask again later" in said


def test_a_git_that_was_ended_is_told_by_its_signal() -> None:
    assert "signal 9" in str(unreachable("", -9, attempts=3))


def test_a_permission_is_named_where_it_is_what_is_missing() -> None:
    assert "`contents`" in str(unreachable("The requested URL returned error: 403", 128))
