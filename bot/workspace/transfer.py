"""What git says when a transfer fails: whether it is worth trying again, and in which words people are told."""

from __future__ import annotations

import re
from typing import Final

from bot.errors import RepositoryError

WAITS: Final = (0.5, 3.0)  # seconds before a transfer is tried again; every transfer may be done twice

# Messages of git and libcurl for what passes: a server that is busy or restarts, a connection that broke.
_PASSES: Final = re.compile(
    r"\b(?:error|HTTP)[: ]+(?:429|5\d\d)\b|connection (?:reset|refused|timed out)|operation timed out|could not resolve"
    r"|failed to connect|early EOF|unexpected disconnect|hung up unexpectedly|empty reply|transfer closed|Broken pipe"
    r"|SSL_(?:read|connect|ERROR_SYSCALL)|gnutls_handshake|RPC failed; curl (?:16|18|52|55|56|92)\b",
    re.IGNORECASE,
)
_OUR_LIMIT: Final = "did not complete in"  # GitPython's words when it ended git after its time


def passes(stderr: str, status: object) -> bool:
    """Return whether a failed transfer may well succeed a moment later: `status` is git's, negative for a signal."""
    if _OUR_LIMIT in stderr:
        return False
    return bool(_PASSES.search(stderr)) or (isinstance(status, int) and status < 0)


def unreachable(stderr: str, status: object, *, attempts: int = 1) -> RepositoryError:
    """Return the error for a transfer that failed; git's words hold no token, since it never was in the URL."""
    said = " ".join(stderr.removeprefix("\n  stderr: ").strip("' \n").split())[:300]
    if re.search(r"not found\b|\b40[13]\b", said, re.IGNORECASE):
        return RepositoryError(
            f"The repository's contents cannot be read: {said}",
            hint="check that the App is installed on this repository, with the permission `contents`",
        )
    if isinstance(status, int) and status < 0:
        said = said or f"git was ended by signal {-status}"
    if attempts > 1:
        return RepositoryError(
            f"git could not reach the repository, {attempts} times within seconds: {said}",
            hint="GitHub or the network between is down for the moment; ask again later",
        )
    return RepositoryError(f"git could not reach the repository (status {status}): {said}")
