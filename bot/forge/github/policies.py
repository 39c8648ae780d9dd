"""`.github/groundwork.yml`, as GitHub has it: the repository's own over that of the owner's `.github` repository."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from typing import Any, Final

from bot.errors import GroundworkError, NotNowError, ParseError, UsageError
from bot.forge.github.refusal import GitHubError
from bot.forge.github.repository_api import Need, RepositoryApi
from bot.model.policy import PATH, Policy
from bot.parse.repository_config import read_policy
from bot.parse.source import Source

_LARGEST: Final = 64 * 1024  # bytes
_SHARED: Final = ".github"  # the repository in which an owner keeps what counts for all


async def read(api: RepositoryApi) -> Policy:
    """Return what counts in the repository, by its default branch.

    Raises:
        GroundworkError: A file is wrong, with its line; or GitHub refused.
    """
    own = _policy(await _file(api), PATH, api.place.name)
    if api.place.name.partition("/")[2] == _SHARED:
        return own
    shared = replace(api.place, repository_id=0, name=f"{api.place.owner}/{_SHARED}")
    try:
        found = await _file(RepositoryApi(api.app, shared))
    except NotNowError:
        raise
    except GitHubError:  # there is no such repository, or the App may not look into it
        return own
    return own.over(_policy(found, f"{shared.name}: {PATH}", shared.name))


async def _file(api: RepositoryApi) -> Any | None:
    return await api.ask(Need.READ_CONTENTS, "GET", f"contents/{PATH}", absent=True)


def _policy(found: Any | None, path: str, repository: str) -> Policy:
    if not isinstance(found, dict) or found.get("type") != "file":
        return Policy()
    hint = f"mend the file on the default branch of {repository}, then write `/infra run`"
    if int(found.get("size", 0)) > _LARGEST:
        raise GroundworkError(f"{path} is larger than {_LARGEST // 1024} KB.", hint=hint)
    try:
        text = base64.b64decode(found["content"]).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise GroundworkError(f"{path} is no text in UTF-8.", hint=hint) from error
    try:
        return read_policy(Source(path, text))
    except ParseError as error:
        raise GroundworkError(f"{path}:{error.line}:{error.column}: {error.what}", hint=hint) from error
    except UsageError as error:
        raise GroundworkError(error.what, hint=error.hint or hint) from error
