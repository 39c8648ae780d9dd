"""Whether an action that workflows name is there, as far as the App may look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.errors import GroundworkError
from bot.forge.github.access import GitHubApp
from bot.forge.github.app_view import Installed
from bot.forge.github.repository_api import Need, Place, RepositoryApi

_FILES: Final = ("action.yml", "action.yaml")


async def action_is_there(app: GitHubApp, action: str, installed: Sequence[Installed]) -> bool:
    """Return whether `OWNER/REPOSITORY/FOLDER@COMMIT` is an action, seen through the App's installation or by anybody.

    False also means: there, but the App has no way to see it, such as in a private repository of another owner.

    Raises:
        UnansweredError: GitHub does not answer.
    """
    where, _, commit = action.partition(" ")[0].partition("@")
    owner, repository, *folder = where.split("/")
    paths = ["/".join((*folder, name)) for name in _FILES]
    for one in installed:
        if one.account.casefold() != owner.casefold() or one.suspended:
            continue
        api = RepositoryApi(app, Place(installation=one.id, repository_id=0, name=f"{owner}/{repository}"))
        try:
            for path in paths:
                if await api.ask(Need.READ_CONTENTS, "GET", f"contents/{path}", params={"ref": commit}, absent=True):
                    return True
        except GroundworkError:
            break  # the App is not installed on that repository
    return await _by_anybody(app, f"/repos/{owner}/{repository}", paths, commit)


async def _by_anybody(app: GitHubApp, repository: str, paths: Sequence[str], commit: str) -> bool:
    from githubkit import GitHub

    public = GitHub(base_url=app.key.api_url, user_agent="groundwork", timeout=10.0, auto_retry=False)
    for path in paths:
        try:
            await app.request(public, "GET", f"{repository}/contents/{path}", params={"ref": commit})
        except GroundworkError:
            continue
        return True
    return False
