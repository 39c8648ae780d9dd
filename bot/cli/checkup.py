"""What `groundwork doctor` finds on this machine: settings, key, folder, database, engine, and the server itself."""

from __future__ import annotations

import difflib
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from bot.settings.server import Settings
    from bot.settings.words import Problem

State = Literal["ok", "warning", "wrong", "unknown"]
_LITTLE_DISK: Final = 5_000_000_000  # bytes: images and build caches are large
_NO_DISK: Final = 200_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: what was found, and the exact mend where something is to be mended."""

    name: str
    state: State
    said: str
    mend: str = ""


def on_this_machine(settings: Settings, problems: tuple[Problem, ...], env_file: Path) -> Iterator[Check]:
    """Yield the checks that ask nobody else."""
    from bot.cli.surroundings import problems as around

    known = frozenset(problem.setting for problem in problems)
    yield from _settings(settings, problems, env_file)
    found = {problem.setting: problem for problem in around(settings, known)}
    for name, said, among in (
        ("private key", "it can sign", ("private_key", "private_key_file")),
        ("data folder", f"{settings.data.absolute()} can be written", ("data",)),
        ("database", _database(settings), ("database_url",)),
    ):
        wrong = next((found[setting] for setting in among if setting in found), None)
        if wrong:
            yield Check(name=name, state="wrong", said=f"{wrong.name} {wrong.said}", mend=_mend(wrong))
        elif not known & set(among):
            yield Check(name=name, state="ok", said=said)
    if "data" not in known | set(found):
        yield _disk(settings.data)
    yield _git()
    yield _engine(settings)


def _settings(settings: Settings, problems: tuple[Problem, ...], env_file: Path) -> Iterator[Check]:
    for problem in problems:
        yield Check(name="settings", state="wrong", said=f"{problem.name} {problem.said}", mend=_mend(problem))
    if not problems:
        given = ", ".join(sorted(settings.model_fields_set))
        yield Check(name="settings", state="ok", said=f"given: {given}; all others have their defaults")
    if env_file.is_file() and stat.S_IMODE(env_file.stat().st_mode) & 0o077:
        yield Check(
            name="settings",
            state="warning",
            said=f"{env_file} holds secrets, and others on this machine can read it",
            mend=f"chmod 600 {env_file}",
        )
    yield from _misspelt(settings, env_file)


def _misspelt(settings: Settings, env_file: Path) -> Iterator[Check]:
    from dotenv import dotenv_values

    from bot.settings.words import PREFIX

    real = [f"{PREFIX}{name.upper()}" for name in type(settings).model_fields]
    in_file = dotenv_values(env_file).keys() if env_file.is_file() else ()
    for name in sorted({name.upper() for name in (*os.environ, *in_file)}):
        near = difflib.get_close_matches(name, real, n=1, cutoff=0.85)
        if name.startswith(PREFIX) and name not in real and near:
            yield Check(name="settings", state="warning", said=f"{name} is no setting", mend=f"did you mean {near[0]}?")


def _mend(problem: Problem) -> str:
    from bot.settings.words import WHERE

    return problem.mend or f"its value: {WHERE[problem.setting]}"


def _database(settings: Settings) -> str:
    from sqlalchemy import make_url

    url = make_url(settings.database())
    if url.get_backend_name() == "sqlite":
        return f"SQLite, {url.database}; for one process on one machine"
    return f"PostgreSQL on {url.host}, {url.database}"


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    said = f"{free / 1e9:.1f} GB are free for {folder.absolute()}"
    if free < _NO_DISK:
        return Check(name="disk", state="wrong", said=said, mend="make room: clones and the database need it")
    if free < _LITTLE_DISK:
        return Check(name="disk", state="warning", said=said, mend="make room: images and builds need some GB")
    return Check(name="disk", state="ok", said=said)


def _git() -> Check:
    try:
        done = subprocess.run(["git", "--version"], capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return Check(name="git", state="wrong", said="it is not installed", mend="apt-get install git")
    return Check(name="git", state="ok", said=done.stdout.strip().removeprefix("git version "))


def _engine(settings: Settings) -> Check:
    if settings.verified_by() == "actions":
        said = f"not needed: stacks are verified in GitHub Actions, with {settings.verify_action}"
        return Check(name="engine", state="ok", said=said)
    if settings.verified_by() == "none":
        return Check(
            name="engine",
            state="warning",
            said="verification is switched off: every report will say unverified",
            mend="GROUNDWORK_VERIFICATION=docker, where an engine is",
        )
    from bot.errors import EngineUnavailableError
    from bot.verify.arrival import compose_version
    from bot.verify.compose import Compose
    from bot.verify.engine import connect, describe

    try:
        client = connect(timeout=10)
        try:
            found = describe(client, compose_version(Compose(Path.cwd(), os.environ)))
        finally:
            client.close()
    except EngineUnavailableError as error:
        return Check(
            name="engine",
            state="wrong",
            said=error.what,
            mend=f"{error.hint}; or GROUNDWORK_VERIFICATION=none, and every report says unverified",
        )
    if not found.compose:
        return Check(name="engine", state="wrong", said="Compose is not there", mend="install Docker's Compose plugin")
    return Check(name="engine", state="ok", said=f"Docker {found.version}, Compose {found.compose}")


def of_the_server(settings: Settings) -> Iterator[Check]:
    """Yield whether the server answers here, and at the address that people know."""
    from bot.cli.address import local_address

    yield _answers("server", local_address(settings), quiet=True)
    if settings.public_url:
        yield _answers("public address", settings.public_url, quiet=False)


def _answers(name: str, url: str, *, quiet: bool) -> Check:
    from bot.cli.request import UnreachableError, ask

    try:
        answer = ask("GET", f"{url}/readyz", timeout=5.0)
    except UnreachableError as error:
        if quiet:
            return Check(name=name, state="unknown", said=f"nothing answers on {url}", mend="groundwork serve")
        mend = "GitHub may still reach it: ask from outside; look at DNS, the proxy and the certificate"
        return Check(name=name, state="warning", said=f"from this machine, {error.what}", mend=mend)
    if answer.text == "ready\n":
        return Check(name=name, state="ok", said=f"{url} is ready")
    if answer.status == 503:
        return Check(name=name, state="wrong", said=f"{url}: {answer.text.strip()[:200]}", mend="look at its log")
    mend = "free the port, or set GROUNDWORK_PORT" if quiet else "lead the proxy to the server's port"
    return Check(name=name, state="wrong", said=f"what answers on {url} is no Groundwork", mend=mend)
