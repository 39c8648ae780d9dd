"""Only what GitHub signed gets in; everything else is refused with the right status and one counter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.event.delivery import Delivery, RejectedError, receive, sign, signed

SECRET = "It's a Secret to Everybody"
BODY = b'{"zen":"Keep it logically awesome."}'


def headers(**more: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return {
        "content-type": "application/json",
        "x-github-event": "ping",
        "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "x-hub-signature-256": sign(BODY, SECRET),
        **named,
    }


def test_githubs_own_example_of_a_signature() -> None:
    # From GitHub's documentation, "Validating webhook deliveries".
    expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert sign(b"Hello, World!", SECRET) == expected


def test_a_signed_request_is_a_delivery() -> None:
    delivery = receive(headers(content_type="application/json; charset=utf-8"), BODY, secrets=[SECRET])
    assert delivery == Delivery(id="72d3162e-cc78-11e3-81ab-4c9367dc0958", name="ping", body=BODY)


def test_both_secrets_hold_while_one_is_rotated() -> None:
    for order in (["new", SECRET], [SECRET, "new"]):
        assert receive(headers(), BODY, secrets=order).name == "ping"


@pytest.mark.parametrize(
    ("more", "status", "counter"),
    [
        ({"x_hub_signature_256": ""}, 401, "unsigned"),
        ({"x_hub_signature_256": sign(BODY, "other")}, 401, "bad_signature"),
        ({"x_hub_signature_256": sign(BODY + b" ", SECRET)}, 401, "bad_signature"),
        ({"x_hub_signature_256": sign(BODY, SECRET).replace("sha256=", "sha1=")}, 401, "bad_signature"),
        ({"x_hub_signature_256": "sha256=größe"}, 401, "bad_signature"),
        ({"content_type": "application/x-www-form-urlencoded"}, 415, "content_type"),
        ({"content_type": ""}, 415, "content_type"),
        ({"x_github_delivery": ""}, 400, "malformed"),
        ({"x_github_delivery": "a/../b"}, 400, "malformed"),
        ({"x_github_event": "Issues; drop"}, 400, "malformed"),
    ],
)
def test_everything_else_is_refused(more: dict[str, str], status: int, counter: str) -> None:
    with pytest.raises(RejectedError) as caught:
        receive(headers(**more), BODY, secrets=[SECRET])
    assert (caught.value.status, caught.value.counter) == (status, counter)
    assert SECRET not in str(caught.value)


def test_a_large_body_is_refused_before_its_signature_is_computed() -> None:
    with pytest.raises(RejectedError) as caught:
        receive(headers(x_hub_signature_256="nonsense"), BODY, secrets=[SECRET], max_size=len(BODY) - 1)
    assert caught.value.status == 413
    assert receive(headers(), BODY, secrets=[SECRET], max_size=len(BODY)).body == BODY


@pytest.mark.parametrize("secrets", [[], [""], ["good", ""]])
def test_there_is_no_way_to_run_without_a_secret(secrets: list[str]) -> None:
    with pytest.raises(ValueError, match="secret is required"):
        receive(headers(), BODY, secrets=secrets)


@given(st.binary(), st.text(min_size=1), st.text())
def test_only_the_signature_of_these_bytes_with_this_secret_is_one(body: bytes, secret: str, other: str) -> None:
    try:
        signature = sign(body, secret)
    except UnicodeEncodeError:
        return
    assert signed(body, signature, [secret])
    assert not signed(body + b"x", signature, [secret])
    assert not signed(body, other, [secret]) or other.lower() == signature
