"""Commits that GitHub makes for us, by its git data API: those it signs, and people see them as verified."""

from __future__ import annotations

import base64
import logging
from collections.abc import Mapping
from typing import Any, Final

from bot.errors import RepositoryError
from bot.forge.github.refusal import GitHubError
from bot.forge.github.repository_api import Need, RepositoryApi
from bot.model.outgoing import Entry, Outgoing

_LOG: Final = logging.getLogger(__name__)
_WORKFLOWS: Final = ".github/workflows/"
# What a request for a tree holds in itself; larger texts, and what is no text, are sent one by one.
_INLINE: Final = 256 * 1024  # bytes of one file
_INLINE_IN_ALL: Final = 4 * 1024 * 1024
_EXEMPT: Final = "exempt `groundwork/**` from the rule, or let the App bypass it, under Settings, Rules"


class SignedCommits:
    """Makes commits in one repository, and moves branches to them; never by force, and twice is once."""

    def __init__(self, api: RepositoryApi) -> None:
        self._api = api

    async def push(self, branch: str, outgoing: Outgoing, *, expected: str) -> str:
        """Make the commit and move `branch` from `expected` ("" for nothing) to it; return its id, which is GitHub's.

        Raises:
            RepositoryError: The branch moved meanwhile; nothing was changed.
            GroundworkError: GitHub refused, in words.
        """
        workflows = any(entry.path.startswith(_WORKFLOWS) for entry in outgoing.entries)
        need = Need.CONTENTS_AND_WORKFLOWS if workflows else Need.CONTENTS
        tip = await self._tip(branch)
        if tip and tip not in {expected, *outgoing.parents}:
            # A step that was cut off after it had moved the branch is done again: what it made is what is there.
            if await self._is(tip, outgoing):
                return tip
            raise _moved(branch)
        if expected and not tip:
            raise _moved(branch)
        tree = await self._tree(outgoing, need)
        body = {"message": outgoing.message, "tree": tree, "parents": list(outgoing.parents)}
        # Without an author: GitHub signs only what it may call its own.
        made = await self._api.ask(need, "POST", "git/commits", json=body)
        commit = str(made["sha"])
        signature = made.get("verification") or {}
        if not signature.get("verified"):
            _LOG.warning(
                "%s did not sign commit %s: %s", self._api.place.name, commit[:7], signature.get("reason", "no reason")
            )
        await self._move(branch, commit, need, new=not tip)
        return commit

    async def _tip(self, branch: str) -> str:
        found = await self._api.ask(Need.READ_CONTENTS, "GET", f"git/ref/heads/{branch}", absent=True)
        return str(found["object"]["sha"]) if found else ""

    async def _is(self, commit: str, outgoing: Outgoing) -> bool:
        found = await self._api.ask(Need.READ_CONTENTS, "GET", f"git/commits/{commit}")
        parents = tuple(str(parent["sha"]) for parent in found["parents"])
        same = str(found["message"]).strip() == outgoing.message.strip()
        return same and (str(found["tree"]["sha"]), parents) == (outgoing.tree, outgoing.parents)

    async def _tree(self, outgoing: Outgoing, need: Need) -> str:
        left = _INLINE_IN_ALL
        entries: list[Mapping[str, Any]] = []
        for entry in outgoing.entries:
            text = _text(entry) if len(entry.content or b"") <= min(_INLINE, left) else None
            left -= len(entry.content or b"") if text is not None else 0
            entries.append(await self._entry(entry, text, need))
        body = {"base_tree": outgoing.before, "tree": entries}
        made = str((await self._api.ask(need, "POST", "git/trees", json=body))["sha"])
        if made != outgoing.tree:
            # What is proved must be what is proposed, byte by byte.
            raise RepositoryError(
                f"GitHub made tree {made[:7]} of the files of tree {outgoing.tree[:7]}. Nothing was changed.",
                hint="have commits pushed: `commits: pushed` in `.github/groundwork.yml`",
            )
        return made

    async def _entry(self, entry: Entry, text: str | None, need: Need) -> Mapping[str, Any]:
        kind = "commit" if entry.mode == "160000" else "blob"
        about = {"path": entry.path, "mode": entry.mode, "type": kind}
        if not entry.object_id:
            return {**about, "sha": None}
        if text is not None:
            return {**about, "content": text}
        if entry.content is not None:
            body = {"content": base64.b64encode(entry.content).decode(), "encoding": "base64"}
            await self._api.ask(need, "POST", "git/blobs", json=body)
        return {**about, "sha": entry.object_id}

    async def _move(self, branch: str, commit: str, need: Need, *, new: bool) -> None:
        try:
            if new:
                await self._api.ask(need, "POST", "git/refs", json={"ref": f"refs/heads/{branch}", "sha": commit})
            else:
                body = {"sha": commit, "force": False}
                await self._api.ask(need, "PATCH", f"git/refs/heads/{branch}", json=body)
        except GitHubError as error:
            said = error.what.lower()
            if error.status == 422 and ("fast forward" in said or "already exists" in said):
                raise _moved(branch) from error
            raise RepositoryError(
                f"GitHub would not move the branch `{branch}`. {error.what}",
                hint=error.hint or _EXEMPT,
            ) from error


def _text(entry: Entry) -> str | None:
    """Return what a tree can say in itself: text, of a file that is new to GitHub."""
    if entry.content is None:
        return None
    try:
        text = entry.content.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _moved(branch: str) -> RepositoryError:
    return RepositoryError(
        f"The branch `{branch}` moved while this run was on. Nothing was changed.",
        hint="write `/infra run` to continue on what is there",
    )
