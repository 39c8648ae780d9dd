"""No secret survives, and what is no secret stays readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.redact import Redactor, secret_values


@pytest.mark.parametrize(
    "text",
    [
        "token ghs_0123456789abcdefghij0123456789abcdef used",
        "key sk-proj-0123456789abcdef0123",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nMIIEow cut off",
        "postgres://app:ghs0secret@db:5432/app",
        "Authorization: Bearer abcdef0123456789",
        "POSTGRES_PASSWORD=ghs0secret and more",
        '{"api_key": "ghs0secret"}',
        "AKIAIOSFODNN7EXAMPLE",
        "xoxb-123456789012-abcdefghij",
    ],
)
def test_what_looks_like_a_key_is_masked(text: str) -> None:
    clean = Redactor()(text)
    assert "***" in clean
    for secret in ("0123456789abcdef", "MIIEow", "ghs0secret", "IOSFODNN7", "abcdefghij"):
        assert secret not in clean


@pytest.mark.parametrize(
    "text",
    [
        "GET http://127.0.0.1:8000/health 200",
        "password authentication failed for user app",
        "POSTGRES_PASSWORD=${POSTGRES_PASSWORD}",
        "token: <your token here>",
        "image sha256:0123456789abcdef0123456789abcdef",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redactor()(text) == text


def test_secret_variables_are_known_by_name_and_by_their_urls() -> None:
    found = secret_values(
        {"DB_PASSWORD": "hunter22", "URL": "redis://:s3cr3t@redis/0", "PASSWORD_RESET_URL": "/reset", "EMPTY_TOKEN": ""}
    )
    assert found == ("hunter22", "s3cr3t")


@given(st.text(min_size=4, max_size=30).filter(lambda s: s.strip("*")), st.text(max_size=20), st.text(max_size=20))
def test_a_known_secret_never_survives(secret: str, before: str, after: str) -> None:
    shown = Redactor((secret,))(f"{before} {secret} {after}")
    if secret.lower() in {"true", "false", "null", "none", "root", "user", "test", "admin", "mysql", "redis", "guest"}:
        return
    assert secret not in shown or secret in f"{before} *** {after}"
