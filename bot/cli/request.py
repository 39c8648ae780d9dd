"""One HTTP request, as the commands send it to a server of ours: no redirect is followed, no proxy is asked."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.errors import GroundworkError, UsageError


class UnreachableError(GroundworkError):
    """Nobody answered, or what answered does not speak HTTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the text that came with it."""

    status: int
    text: str


def ask(
    method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None, timeout: float = 20.0
) -> Answer:
    """Send one request and return the answer, whatever its status.

    Raises:
        UsageError: `url` is none.
        UnreachableError: There was no answer.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{url!r} is no address of a server.", hint="give one such as http://127.0.0.1:8000")
    connection = (
        http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    )
    path = parts.path or "/"
    try:
        connection.request(method, f"{path}?{parts.query}" if parts.query else path, body, dict(headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(1_000_000).decode("utf-8", "replace"))
    except TimeoutError as error:
        raise UnreachableError(f"{parts.netloc} did not answer within {timeout:.0f} s.") from error
    except (OSError, http.client.HTTPException) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UnreachableError(f"{parts.netloc} does not answer: {why[:1].lower()}{why[1:]}.") from error
    finally:
        connection.close()
