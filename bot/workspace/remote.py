"""A repository's remote over HTTPS: fetched without what nobody asked for, pushed to without force.

The token lives in the environment of one git process: never in a URL, a file or an argument list.
"""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar
from urllib.parse import urlsplit

from bot.workspace.git import environment
from bot.workspace.held import held
from bot.workspace.push_refusal import refused
from bot.workspace.transfer import WAITS, passes, unreachable

if TYPE_CHECKING:
    from git import Repo

T = TypeVar("T")

TIMEOUT: Final = 600.0  # seconds for one transfer
# What a server behind a proxy, or with a certificate of its own, says about the network.
_NETWORK: Final = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "GIT_SSL_CAINFO")


class Credential(Protocol):
    """Gives tokens, as little as is needed."""

    async def __call__(self, *, write: bool = False, workflows: bool = False) -> str:
        """Return a token that may read the repository, or also write it, or also its workflow files."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteRefs:
    """What a remote has: its default branch, the commit there ("" for an empty repository), and its branches asked for.

    Attributes:
        branches: Name to commit.
    """

    default: str
    commit: str
    branches: Mapping[str, str]


class Remote:
    """The remote at `url` of the local repository in `path`."""

    def __init__(self, path: Path, url: str, credential: Credential) -> None:
        self._path = path
        self._url = url
        self._credential = credential

    async def refs(self, *branches: str) -> RemoteRefs:
        """Return the default branch, and those of `branches` that are there.

        Raises:
            RepositoryError: The repository cannot be read.
        """
        wanted = [f"refs/heads/{branch}" for branch in branches]

        def ask(repo: Repo) -> str:
            return str(repo.git.ls_remote("--symref", "origin", "HEAD", *wanted, kill_after_timeout=TIMEOUT))

        default, commits = "", {}
        for line in (await self._with(await self._credential(), ask)).splitlines():
            what, _, name = line.partition("\t")
            if what.startswith("ref: "):
                default = what.removeprefix("ref: refs/heads/") if name == "HEAD" else default
            else:
                commits[name] = what
        found = {branch: commits[ref] for branch, ref in zip(branches, wanted, strict=True) if ref in commits}
        return RemoteRefs(default=default, commit=commits.get("HEAD", ""), branches=found)

    async def fetch(self, *refspecs: str, depth: int = 1) -> None:
        """Fetch commits and trees, `depth` of them deep; file contents only on demand.

        Raises:
            RepositoryError: They cannot be fetched.
        """

        def fetch(repo: Repo) -> None:
            repo.git.fetch(
                "origin",
                *refspecs,
                depth=depth,
                filter="blob:none",
                no_tags=True,
                no_write_fetch_head=True,
                recurse_submodules="no",
                kill_after_timeout=TIMEOUT,
            )

        await self._with(await self._credential(), fetch)

    async def contents(self, commit: str) -> None:
        """Fetch all file contents of `commit` that are not here yet, in one go."""
        token = await self._credential()

        def fetch(repo: Repo) -> None:
            listing = repo.git.rev_list("--objects", "--no-walk", "--missing=print", commit)
            missing = [line[1:] for line in listing.splitlines() if line.startswith("?")]
            if missing:
                _fetch_objects(repo, missing)

        await self._with(token, fetch)

    async def push(self, branch: str, commit: str, *, workflows: bool = False) -> None:
        """Move the remote's `branch` to `commit`, forward only; twice is once.

        Raises:
            RepositoryError: It moved meanwhile, or a rule refuses the push; nothing was changed.
        """

        def push(repo: Repo) -> tuple[str, ...]:
            from git import RemoteProgress

            progress = RemoteProgress()
            ref = f"refs/heads/{branch}"
            repo.git.update_ref(ref, commit)  # an answer about a bare commit would not be read
            done = repo.remote("origin").push(f"{ref}:{ref}", progress, kill_after_timeout=TIMEOUT)
            fine = len(done) == 1 and not done[0].flags & done[0].ERROR
            return () if fine else (*(info.summary for info in done), *progress.error_lines, *progress.other_lines)

        said = await self._with(await self._credential(write=True, workflows=workflows), push)
        if said:
            raise refused(branch, said)

    async def _with(self, token: str, work: Callable[[Repo], T]) -> T:
        """Run `work` on the repository in a thread, alone there, in git's own environment with `token` for its host.

        What breaks by the network is tried again; `work` may thus run more than once.
        """
        from git import GitCommandError, Repo

        def run() -> T:
            with (
                held(self._path),
                closing(Repo(self._path)) as repo,
                repo.git.custom_environment(**self._environment(token)),
            ):
                return work(repo)

        for attempt, wait in enumerate((*WAITS, None), start=1):
            try:
                return await asyncio.to_thread(run)
            except GitCommandError as error:
                if wait is None or not passes(str(error.stderr), error.status):
                    raise unreachable(str(error.stderr), error.status, attempts=attempt) from error
                await asyncio.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _environment(self, token: str) -> dict[str, str]:
        basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        host = urlsplit(self._url)
        settings = {
            f"http.{host.scheme}://{host.netloc}/.extraHeader": f"Authorization: Basic {basic}",
            "credential.helper": "",
            "fetch.negotiationAlgorithm": "skipping",
        }
        known = environment(GIT_ALLOW_PROTOCOL=host.scheme, GIT_DIR=str(self._path / ".git"))
        count = int(known["GIT_CONFIG_COUNT"])
        for number, (key, value) in enumerate(settings.items(), start=count):
            known |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        network = {name: os.environ[name] for name in _NETWORK if name in os.environ}
        return known | network | {"GIT_CONFIG_COUNT": str(count + len(settings))}


def _fetch_objects(repo: Repo, objects: list[str]) -> None:
    """Ask for objects by id, as git itself does when it finds one missing, but all at once."""
    import tempfile

    with tempfile.TemporaryFile() as listing:
        listing.write("".join(f"{one}\n" for one in objects).encode())
        listing.seek(0)
        repo.git.execute(
            [
                *("git", "-c", "fetch.negotiationAlgorithm=noop", "fetch", "origin", "--no-tags"),
                *("--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none", "--stdin"),
            ],
            istream=listing,
            kill_after_timeout=TIMEOUT,
        )
