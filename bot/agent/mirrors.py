"""The package mirrors that this machine's own clients use, so that a sandbox beside them uses the same."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.agent.allowlist import HTTP, HTTPS, host_name

_PIP: Final = ("etc/pip.conf", "{home}/.pip/pip.conf", "{home}/.config/pip/pip.conf")
_NPM: Final = ("etc/npmrc", "{home}/.npmrc")
_NPM_REGISTRY: Final = re.compile(r"^\s*registry\s*=\s*(\S+)\s*$", re.MULTILINE)
_APT: Final = re.compile(r"^(?:deb(?:-src)?\s(?:\[[^\]\n]*\]\s*)?|URIs:)\s*(https?://[^\n#]+)", re.MULTILINE)
_MOST: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirrors:
    """Hosts and ports to let through, and the environment that tells clients in a sandbox to use them."""

    targets: tuple[tuple[str, int], ...]
    environment: tuple[tuple[str, str], ...]


def mirrors(environ: Mapping[str, str], *, home: Path, root: Path = Path("/")) -> Mirrors:
    """Read what pip, npm and apt are set up with; a mirror that asks for a password is left out, not handed on."""
    index = environ.get("PIP_INDEX_URL") or next(_pip(root, home), "")
    registry = environ.get("NPM_CONFIG_REGISTRY") or environ.get("npm_config_registry") or next(_npm(root, home), "")
    told = tuple(
        (name, url) for name, url in (("PIP_INDEX_URL", index), ("NPM_CONFIG_REGISTRY", registry)) if _target(url)
    )
    urls = [*(url for _name, url in told), *_apt(root)]
    found = dict.fromkeys(target for url in urls if (target := _target(url)) is not None)
    return Mirrors(targets=tuple(found), environment=told)


def _target(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    host = host_name(parts.hostname or "")
    if parts.scheme not in {"http", "https"} or not host or parts.username or parts.password:
        return None
    return host, port or (HTTPS if parts.scheme == "https" else HTTP)


def _pip(root: Path, home: Path) -> Iterator[str]:
    for text in _texts(_PIP, root, home):
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(text)
        except configparser.Error:
            continue  # pip itself would not run with it
        yield from (url for section in ("install", "global") if (url := parser.get(section, "index-url", fallback="")))


def _npm(root: Path, home: Path) -> Iterator[str]:
    for text in _texts(_NPM, root, home):
        yield from _NPM_REGISTRY.findall(text)


def _apt(root: Path) -> Iterator[str]:
    folder = root / "etc/apt"
    for path in (folder / "sources.list", *sorted((folder / "sources.list.d").glob("*.[ls][io][su]*"))):
        for found in _APT.findall(_text(path)):
            yield from (word for word in found.split() if "://" in word)


def _texts(names: tuple[str, ...], root: Path, home: Path) -> Iterator[str]:
    """Yield the files' texts, the most particular first, as the clients weigh them."""
    for name in reversed(names):
        yield _text(root / name.replace("{home}", str(home)))


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_MOST)
    except OSError:
        return ""
