"""The newest versions: what the machine's own package clients answer, or what a file says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.blueprint.library import read_toml
from bot.blueprint.pin import Kind, Pin
from bot.errors import InvalidValueError, UsageError

# A registry that does not answer in this time is called not reachable.
_PATIENCE: Final = 30.0
_NO_LIST: Final = "not reachable: no client that is installed with Docker lists an image's tags; look at its source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The newest version of one pin, or why nobody says it."""

    newest: str = ""
    why: str = ""


Ask = Callable[[Pin], Answer]


def ask_clients(pin: Pin) -> Answer:
    """Ask npm, pip or git, set up as this machine has them; images are never guessed at."""
    if pin.kind == "npm":
        return _ask(
            ["npm", "view", pin.name, "version", "--json", "--fetch-retries=0", "--no-update-notifier"],
            lambda said: str(json.loads(said)),
        )
    if pin.kind == "pypi":
        options = ["--disable-pip-version-check", "--no-input", "--retries", "0"]
        return _ask([sys.executable, "-m", "pip", "index", "versions", pin.name, *options], _in_brackets)
    if pin.kind == "action":
        return _ask(["git", "ls-remote", "--tags", "--refs", f"https://github.com/{pin.name}"], _of_tags)
    return Answer(why=_NO_LIST)


def answers(pins: Iterable[Pin], ask: Ask) -> tuple[Answer, ...]:
    """Return the answer for each pin in order, a few at a time: most of it is waiting. Each name is asked for once."""
    wanted = tuple(pins)
    once = {(pin.kind, pin.name): pin for pin in wanted}
    with ThreadPoolExecutor(max_workers=4) as pool:
        known: dict[tuple[Kind, str], Answer] = dict(zip(once, pool.map(ask, once.values()), strict=True))
    return tuple(known[pin.kind, pin.name] for pin in wanted)


def from_file(path: Path) -> Ask:
    """Return an `Ask` that knows what `path` says, in a table for each kind of pin, and asks nobody else.

    Raises:
        UsageError: the file is not there, or not such a table.
    """
    if not path.is_file():
        raise UsageError(f"There is no file at {path}.", hint='write one with lines such as `express = "5.3.0"`')
    try:
        told: Mapping[str, object] = read_toml(path)
    except InvalidValueError as error:
        raise UsageError(error.what, hint="write tables `[image]`, `[action]`, `[npm]` and `[pypi]`") from error
    tables = {kind: table for kind, table in told.items() if isinstance(table, dict)}
    if not tables or {*told} - {"action", "image", "npm", "pypi"} or len(tables) != len(told):
        raise UsageError(
            f"{path.name} does not hold the tables `[image]`, `[action]`, `[npm]`, `[pypi]` and nothing else.",
            hint='under each, a line for each name, such as `"python" = "3.14"`',
        )

    def ask(pin: Pin) -> Answer:
        newest = tables.get(pin.kind, {}).get(pin.name)
        return Answer(newest=str(newest)) if newest else Answer(why=f"{path.name} does not name it")

    return ask


def _ask(words: list[str], read: Callable[[str], str]) -> Answer:
    client = "pip" if "pip" in words else words[0]
    try:
        done = subprocess.run(
            words,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},  # where git would ask for a name, it fails
        )
    except FileNotFoundError:
        return Answer(why=f"not reachable: {client} is not installed")
    except subprocess.TimeoutExpired:
        return Answer(why=f"not reachable: {client} got no answer in {_PATIENCE:.0f} s")
    if done.returncode:
        return Answer(why=f"not reachable: {client} ended with status {done.returncode}")
    try:
        return Answer(newest=read(done.stdout))
    except ValueError:
        return Answer(why=f"{client} answered with something that is no version")


def _in_brackets(said: str) -> str:
    """Read `flask (3.1.2)`, the first line of pip's answer."""
    found = re.match(r"\S+ \(([^)]+)\)", said)
    if found is None:
        raise ValueError(said)
    return found[1]


def _of_tags(said: str) -> str:
    """Return the highest version among git's tags, one `COMMIT refs/tags/v1.2.3` a line."""
    versions = re.findall(r"\trefs/tags/v?(\d+)\.(\d+)\.(\d+)$", said, re.MULTILINE)
    return ".".join(map(str, max(tuple(map(int, version)) for version in versions)))
