"""GitHub's git data API on the repositories that git itself pushes to, so that both ways lead to the same branches."""

from __future__ import annotations

import asyncio
import base64
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import httpx
from starlette.responses import JSONResponse, Response

from tests.story.emulator.mirror import Mirror

_PATH = re.compile(r"/repos/([^/]+/[^/]+)/git/(.+)")
_BOT = {"NAME": "groundwork[bot]", "EMAIL": "groundwork[bot]@users.noreply.github.com"}
_SIGNED = {"verified": True, "reason": "valid", "signature": "-----BEGIN", "payload": "tree", "verified_at": None}
_UNSIGNED = {**_SIGNED, "verified": False, "reason": "unsigned", "signature": None, "payload": None}


class Asked(Protocol):
    """A request to the API."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def body(self) -> Any: ...


class RefusedError(Exception):
    """What GitHub answers instead."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = JSONResponse({"message": message}, status)


class GitData:
    """Blobs, trees, commits and refs of all repositories; `signs` says whether commits get a signature."""

    def __init__(self, repositories: Path, client: Callable[[], httpx.AsyncClient]) -> None:
        self.signs = True
        self._repositories = repositories
        self._client = client

    async def answer(self, call: Asked) -> Response | None:
        """Answer what is asked of git data; None for anything else."""
        found = _PATH.fullmatch(call.path)
        if found is None:
            return None
        name, what = found.groups()
        bare = self._repositories / f"{name}.git"
        mirror = Mirror(bare, name, self._client())
        before = await mirror.refs()
        try:
            status, answer = await asyncio.to_thread(self._told, bare, call.method, what, call.body)
        except RefusedError as refused:
            return refused.answer
        if what.startswith("refs"):
            await mirror.follow(before)
        return JSONResponse(answer, status)

    def _told(self, bare: Path, method: str, what: str, body: Any) -> tuple[int, Any]:
        kind, _, which = what.partition("/")
        match method, kind:
            case "GET", "ref":
                return 200, _ref(which, _commit(bare, f"refs/{which}"))
            case "GET", "commits":
                return 200, self._shown(bare, which)
            case "POST", "blobs":
                assert body["encoding"] == "base64"
                content = base64.b64decode(body["content"])
                return 201, {"sha": _git(bare, "hash-object", "-w", "--stdin", data=content), "url": ""}
            case "POST", "trees":
                return 201, {"sha": _tree(bare, body["base_tree"], body["tree"]), "tree": [], "truncated": False}
            case "POST", "commits":
                parents = [word for parent in body["parents"] for word in ("-p", _commit(bare, parent))]
                words = ("commit-tree", body["tree"], *parents, "-F", "-")
                return 201, self._shown(bare, _git(bare, *words, data=body["message"].encode()))
            case "POST", "refs":
                if _git(bare, "for-each-ref", body["ref"]):
                    raise RefusedError(422, "Reference already exists")
                return 201, _moved(bare, body["ref"], body["sha"])
            case "PATCH", "refs":
                if not _descends(bare, body["sha"], _commit(bare, f"refs/{which}")):
                    raise RefusedError(422, "Update is not a fast forward")
                return 200, _moved(bare, f"refs/{which}", body["sha"])
        raise RefusedError(404, "Not Found")

    def _shown(self, bare: Path, commit: str) -> Any:
        tree, parents = _git(bare, "log", "-1", "--format=%T%x00%P", _commit(bare, commit)).split("\0")
        message = _git(bare, "log", "-1", "--format=%B", commit)
        return {
            "sha": commit,
            "message": message,
            "tree": {"sha": tree},
            "parents": [{"sha": parent} for parent in parents.split()],
            "verification": _SIGNED if self.signs else _UNSIGNED,
        }


def _ref(which: str, commit: str) -> Any:
    return {"ref": f"refs/{which}", "object": {"type": "commit", "sha": commit}}


def _moved(bare: Path, ref: str, commit: str) -> Any:
    _git(bare, "update-ref", ref, _commit(bare, commit))
    return _ref(ref.removeprefix("refs/"), commit)


def _commit(bare: Path, name: str) -> str:
    try:
        return _git(bare, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except subprocess.CalledProcessError as error:
        raise RefusedError(404, "Not Found") from error


def _descends(bare: Path, commit: str, ancestor: str) -> bool:
    return _git(bare, "merge-base", commit, ancestor) == ancestor


def _tree(bare: Path, base: str, entries: list[Any]) -> str:
    index = bare / f"index.of.{base}"
    env = {"GIT_INDEX_FILE": str(index)}
    try:
        _git(bare, "read-tree", base, env=env)
        for entry in entries:
            sha = entry.get("sha")
            if "content" in entry:
                sha = _git(bare, "hash-object", "-w", "--stdin", data=entry["content"].encode())
            elif sha is None:
                _git(bare, "rm", "--cached", "--quiet", "--", entry["path"], env=env)
                continue
            elif entry["type"] == "blob" and _git(bare, "cat-file", "-t", sha) != "blob":
                raise RefusedError(422, "tree.sha is not a valid blob")
            _git(bare, "update-index", "--add", "--cacheinfo", f"{entry['mode']},{sha},{entry['path']}", env=env)
        return _git(bare, "write-tree", env=env)
    finally:
        index.unlink(missing_ok=True)


def _git(bare: Path, *words: str, data: bytes | None = None, env: dict[str, str] | None = None) -> str:
    identity = {f"GIT_{who}_{what}": text for who in ("AUTHOR", "COMMITTER") for what, text in _BOT.items()}
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TZ": "UTC", **identity, **(env or {})}
    command = ["git", "--git-dir", str(bare), *words]
    done = subprocess.run(command, input=data, capture_output=True, env=environment, check=True)
    return done.stdout.decode().strip("\n")
