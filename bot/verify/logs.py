"""The last lines of a container's log and its errors: bounded, whatever it wrote."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from bot.model.redact import Redactor

if TYPE_CHECKING:
    from docker import APIClient

LAST: Final = 30
_READ_LINES: Final = 1000
_READ_BYTES: Final = 2**20
_LONGEST: Final = 400
_MOST_ERRORS: Final = 10
_TERMINAL: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_ERROR: Final = re.compile(
    r"\b(?:ERROR|FATAL|CRITICAL|PANIC|EMERG|SEVERE|Traceback \(most recent call last\)"
    r"|Unhandled(?:Promise)?Rejection)\b"
    r"|\b[A-Z]\w*(?:Error|Exception)\b: |\bpanic: |\[(?:error|crit|alert|emerg)\]|\blevel=(?:error|fatal)\b"
    r"|\"level\":\s*\"(?:error|fatal)\"|^(?:npm )?(?:ERR!|error:) ",
)
# Words that a healthy start of well-known programs prints.
_HARMLESS: Final = re.compile(r"\b0 errors?\b|\bno errors?\b|error_?log|errors?=0|ERROR_REPORTING|database system is")


def read_log(client: APIClient, container: str, redact: Redactor) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the last lines and the error lines of a log; both empty where it cannot be read."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException
    from urllib3.exceptions import HTTPError

    try:
        stream = client.logs(container, stream=True, follow=False, tail=_READ_LINES)
        try:
            lines = _lines(stream)
        finally:
            stream.close()
    except (DockerException, RequestException, HTTPError, OSError):
        return (), ()
    clean = [_TERMINAL.sub("", line)[:_LONGEST].rstrip() for line in lines]
    errors = error_lines(clean)
    return redact.lines(clean[-LAST:]), redact.lines(errors)


def _lines(chunks: Iterable[bytes]) -> list[str]:
    """Collect at most the last megabyte: the engine sends long lines in pieces."""
    kept: deque[bytes] = deque()
    size = 0
    for chunk in chunks:
        kept.append(chunk)
        size += len(chunk)
        while size > _READ_BYTES and len(kept) > 1:
            size -= len(kept.popleft())
    return b"".join(kept).decode("utf-8", "replace").splitlines()


def error_lines(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the lines that report an error, each text once, the last ones first kept."""
    found = [line.strip() for line in lines if _ERROR.search(line) and not _HARMLESS.search(line)]
    return tuple(dict.fromkeys(found))[-_MOST_ERRORS:]
