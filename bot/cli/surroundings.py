"""What the server finds around it before it starts: the key, the data folder, the address, the database."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.settings.server import Settings
    from bot.settings.words import Problem

_PATIENCE: Final = 5  # seconds for a database to answer
_BACKLOG: Final = 2048


def problems(settings: Settings, known: frozenset[str] = frozenset()) -> Iterator[Problem]:
    """Yield what is wrong around `settings`, but for those that are `known` to be wrong in themselves."""
    if not known & {"private_key", "private_key_file"}:
        yield from _key(settings)
    if "data" not in known:
        yield from _data(settings.data)
    if settings.database_url is not None:
        yield from _database(settings.database_url.get_secret_value())


def listen(settings: Settings) -> socket.socket | Problem:
    """Return a socket that listens where `settings` say, or why there is none."""
    from bot.settings.words import Problem

    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror:
        return Problem(setting="host", said=f"is wrong: this machine has no address {settings.host!r}")
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        setting = "port" if error.errno in {98, 48, 13} else "host"
        said = f"cannot be used: {settings.host}:{settings.port}: {(error.strerror or 'no reason given').lower()}"
        return Problem(setting=setting, said=said)
    listener.listen(_BACKLOG)
    listener.setblocking(False)
    return listener


def _key(settings: Settings) -> Iterator[Problem]:
    from bot.forge.github.access import key_problem
    from bot.settings.words import Problem, SettingsError

    given = "private_key_file" if settings.private_key_file else "private_key"
    try:
        said = key_problem(settings.key())
    except SettingsError as error:
        yield Problem(setting=given, said=error.what.partition(": ")[2])
        return
    if said:
        yield Problem(setting=given, said=f"is wrong: {said}")


def _data(folder: Path) -> Iterator[Problem]:
    from bot.settings.words import Problem

    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        why = f"{folder.absolute()}: {(error.strerror or 'no reason given').lower()}"
        user = f"user {os.getuid()}"
        yield Problem(setting="data", said=f"cannot be written by {user}: {why}")


def _database(url: str) -> Iterator[Problem]:
    """Connect once; of the URL, which may hold a password, no more is said than where it leads."""
    import sqlalchemy as sa
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    from bot.settings.words import Problem

    try:
        address = sa.make_url(url)
        more = {} if address.get_backend_name() == "sqlite" else {"connect_timeout": _PATIENCE}
        engine = sa.create_engine(address, connect_args=more)
    except (ArgumentError, ValueError):
        yield Problem(setting="database_url", said="is wrong: it cannot be read as an address")
        return
    try:
        with engine.connect():
            pass
    except SQLAlchemyError as error:
        where = f"{address.host or address.database}{f':{address.port}' if address.port else ''}"
        said = str(getattr(error, "orig", error)).strip().splitlines() or ["no reason given"]
        yield Problem(setting="database_url", said=f"cannot be used: {where} says: {said[0].rstrip('.')}")
    finally:
        engine.dispose()
