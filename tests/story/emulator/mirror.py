"""Replays what was pushed through the emulator's git data API, so that both know the same commits."""

from __future__ import annotations

import asyncio
import base64
import subprocess
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx

ADMIN = "token-of-the-admin"
# Each has the limit of requests an hour that GitHub gives a token; what is replayed takes them in turn.
REPLAYING = tuple(f"{ADMIN}-{number}" for number in range(20))
_turns = cycle(REPLAYING)


class Mirror:
    """One bare repository, and its likeness in the emulator."""

    def __init__(self, bare: Path, name: str, client: httpx.AsyncClient) -> None:
        self._bare = bare
        self._name = name
        self._client = client

    async def refs(self) -> dict[str, str]:
        listing = (await self._git("for-each-ref", "--format=%(objectname) %(refname)")).decode()
        return {ref: commit for commit, ref in (line.split() for line in listing.splitlines())}

    async def follow(self, before: dict[str, str]) -> None:
        """Make what changed since `before` in the emulator, too."""
        after = await self.refs()
        for ref, commit in after.items():
            if before.get(ref) == commit:
                continue
            known = [f"^{tip}" for tip in before.values()]
            for new in (await self._git("rev-list", "--reverse", "--topo-order", commit, *known)).decode().split():
                await self._commit(new)
            moved = await self._api("PATCH", f"git/{ref}", {"sha": commit, "force": True}, also=(404, 422))
            if moved.is_error:
                await self._api("POST", "git/refs", {"ref": ref, "sha": commit})
        for ref in before.keys() - after.keys():
            await self._api("DELETE", f"git/{ref}", None)

    async def _commit(self, commit: str) -> None:
        listing = (await self._git("ls-tree", "-r", "-z", commit)).decode()
        entries = []
        for entry in filter(None, listing.split("\0")):
            about, path = entry.split("\t", 1)
            mode, kind, sha = about.split()
            entries.append({"mode": mode, "type": kind, "sha": sha, "path": path})
        changed = set((await self._git("diff-tree", "-r", "--root", "-m", "--no-commit-id", commit)).decode().split())
        for entry in entries:
            if entry["type"] == "blob" and entry["sha"] in changed:
                content = base64.b64encode(await self._git("cat-file", "blob", entry["sha"])).decode()
                await self._api("POST", "git/blobs", {"content": content, "encoding": "base64"})
        tree = (await self._api("POST", "git/trees", {"tree": entries})).json()["sha"]
        form = "%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%P"
        told = await self._git("log", "-1", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", f"--format={form}", commit)
        author, author_mail, authored, committer, mail, committed, parents = told.decode().rstrip("\n").split("\0")
        message = (await self._git("cat-file", "commit", commit)).decode().split("\n\n", 1)[1]
        made = await self._api(
            "POST",
            "git/commits",
            {
                "message": message,
                "tree": tree,
                "parents": parents.split(),
                "author": {"name": author, "email": author_mail, "date": authored},
                "committer": {"name": committer, "email": mail, "date": committed},
            },
        )
        assert made.json()["sha"] == commit, "the emulator made another commit of the same content"

    async def _git(self, *words: str) -> bytes:
        def run() -> bytes:
            command = ["git", "-C", str(self._bare), *words]
            return subprocess.run(
                command, check=True, capture_output=True, env={"PATH": "/usr/bin:/bin", "TZ": "UTC"}
            ).stdout

        return await asyncio.to_thread(run)

    async def _api(self, method: str, path: str, body: Any, *, also: tuple[int, ...] = ()) -> httpx.Response:
        headers = {"authorization": f"Bearer {next(_turns)}"}
        answer = await self._client.request(method, f"/repos/{self._name}/{path}", json=body, headers=headers)
        assert answer.is_success or answer.status_code in also, f"{method} {path}: {answer.text[:300]}"
        return answer
