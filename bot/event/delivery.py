"""A webhook request, judged before anything in it is read: size, form, signature. No web framework is needed."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.errors import GroundworkError

MAX_SIZE: Final = 25 * 1024 * 1024  # bytes; GitHub caps its payloads there
_SIGNATURE: Final = re.compile(r"sha256=([0-9a-fA-F]{64})")
_IDENTITY: Final = re.compile(r"[0-9A-Za-z-]{1,64}")  # GitHub sends a UUID
_NAME: Final = re.compile(r"[a-z_]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A request that GitHub signed: `id` is the same when it is delivered again, `name` is the event's."""

    id: str
    name: str
    body: bytes


class RejectedError(GroundworkError):
    """The request is not one to work on.

    Attributes:
        status: The HTTP status to answer with.
        counter: Which counter to raise: one short name for each reason.
    """

    def __init__(self, what: str, *, status: int, counter: str, hint: str = "") -> None:
        super().__init__(what, hint=hint)
        self.status = status
        self.counter = counter


class TooLargeError(RejectedError):
    """The body is larger than allowed; raised as soon as that is known, also while it is still being read."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than {limit} bytes.", status=413, counter="too_large")


def receive(headers: Mapping[str, str], body: bytes, *, secrets: Sequence[str], max_size: int = MAX_SIZE) -> Delivery:
    """Return the delivery that `headers` and `body` make.

    Args:
        headers: Names in lower case.
        body: The bytes as they came: the signature is over them.
        secrets: The webhook's secret; during a rotation, the new one and the old one.
        max_size: Bytes.

    Raises:
        RejectedError: 413 too large, 415 not JSON, 401 not signed with any secret, 400 without GitHub's headers.
        ValueError: There is no secret: an unsigned webhook must be impossible by configuration.
    """
    if not secrets or not all(secrets):
        raise ValueError("a webhook secret is required")
    if len(body) > max_size:
        raise TooLargeError(max_size)
    form = headers.get("content-type", "").partition(";")[0].strip().lower()
    if form != "application/json":
        raise RejectedError(
            f"The content type is {form[:80]!r}, not application/json.",
            status=415,
            counter="content_type",
            hint="choose `application/json` in the settings of the webhook",
        )
    signature = headers.get("x-hub-signature-256", "")
    if not signature:
        raise RejectedError(
            "The request is not signed.", status=401, counter="unsigned", hint="set the webhook's secret on GitHub"
        )
    if not signed(body, signature, secrets):
        raise RejectedError(
            "The signature does not match.",
            status=401,
            counter="bad_signature",
            hint="compare the webhook's secret on GitHub with the one set here",
        )
    identity, name = headers.get("x-github-delivery", ""), headers.get("x-github-event", "")
    if not _IDENTITY.fullmatch(identity) or not _NAME.fullmatch(name):
        raise RejectedError(
            "X-GitHub-Delivery or X-GitHub-Event is missing or malformed.", status=400, counter="malformed"
        )
    return Delivery(id=identity, name=name, body=body)


def signed(body: bytes, signature: str, secrets: Sequence[str]) -> bool:
    """Return whether `signature` (`sha256=<hex>`) is that of `body` with any of `secrets`, in constant time."""
    found = _SIGNATURE.fullmatch(signature)
    given = bytes.fromhex(found[1]) if found else b""
    # Every secret is tried: which one matched must not show in the time it took.
    matches = [hmac.compare_digest(hmac.digest(secret.encode(), body, hashlib.sha256), given) for secret in secrets]
    return any(matches)


def sign(body: bytes, secret: str) -> str:
    """Return the value of `X-Hub-Signature-256` for `body`."""
    return f"sha256={hmac.digest(secret.encode(), body, hashlib.sha256).hex()}"
