"""Runs git so that nothing but its arguments decides what it does: no user's settings, hooks, filters or network."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from bot.errors import RepositoryError

TIMEOUT: Final = 300.0  # seconds; a checkout of 100,000 files takes well under one minute

# These stand above a repository's own configuration, which a stranger may have written.
_SETTINGS: Final = {
    "safe.directory": "*",  # we were told to read it, and nothing of it is executed
    "core.hooksPath": os.devnull,  # also the reference-transaction hook of `update-ref`
    "core.fsmonitor": "false",
    "protocol.allow": "never",  # a partial clone would run its remote's commands to fetch a missing object
    "gc.auto": "0",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
}


class GitError(RepositoryError):
    """A git command failed; `status` is its exit status, `said` its standard error, and `out` its standard output."""

    def __init__(self, what: str, *, status: int, said: str, out: bytes = b"", hint: str = "") -> None:
        super().__init__(what, hint=hint)
        self.status = status
        self.said = said
        self.out = out


def environment(**more: str) -> dict[str, str]:
    """Return the whole environment for git: `GIT_DIR` and its like are not inherited from a hook that runs us."""
    settings = {
        name: value
        for number, (key, setting) in enumerate(_SETTINGS.items())
        for name, value in ((f"GIT_CONFIG_KEY_{number}", key), (f"GIT_CONFIG_VALUE_{number}", setting))
    }
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "HOME": os.devnull,  # attributes and ignore rules of the user are looked up there
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": str(len(_SETTINGS)),
        **settings,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOW_PROTOCOL": "",
        **more,
    }


async def git(
    *arguments: str,
    cwd: Path,
    data: bytes | None = None,
    env: Mapping[str, str] | None = None,
    also: tuple[int, ...] = (),
) -> bytes:
    """Run `git` and return what it wrote to standard output.

    Args:
        arguments: The command and its arguments.
        cwd: Where it runs.
        data: Its standard input; None for an empty one.
        env: The whole environment; that of `environment()` where none is given.
        also: Exit statuses besides 0 that are answers rather than failures.

    Raises:
        GitError: It failed, took too long, or is not installed.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            "git",
            *arguments,
            cwd=cwd,
            env=environment() if env is None else dict(env),
            stdin=asyncio.subprocess.DEVNULL if data is None else asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches us alone; we end git ourselves, and then clean up
        )
    except FileNotFoundError as error:
        missing = "git is not installed" if error.filename == "git" else f"{cwd} is gone"
        raise GitError(missing, status=127, said="", hint="git 2.35 or newer is needed") from error
    try:
        async with asyncio.timeout(TIMEOUT):
            out, err = await process.communicate(data)
    except TimeoutError as error:
        raise GitError(f"`git {arguments[0]}` did not end within {TIMEOUT:.0f} s", status=124, said="") from error
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    status = process.returncode or 0
    if status and status not in also:
        said = err.decode(errors="replace").strip()
        last = said.splitlines()[-1].removeprefix("fatal: ").removeprefix("error: ") if said else f"status {status}"
        raise GitError(f"`git {arguments[0]}` failed: {last}", status=status, said=said, out=out)
    return out


async def line(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None, also: tuple[int, ...] = ()) -> str:
    """Run `git` and return its one answer as text; a path may hold any byte but NUL."""
    return os.fsdecode((await git(*arguments, cwd=cwd, env=env, also=also)).removesuffix(b"\n"))
