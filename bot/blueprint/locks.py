"""Lock files: cut from, or joined of, what was really resolved; nothing is resolved here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from bot.blueprint.choice import Choice
from bot.blueprint.condition import holds
from bot.blueprint.skill import Lock, Skill
from bot.errors import InvalidValueError

_REQUIREMENT: Final = re.compile(r"^(?=[A-Za-z0-9])", re.MULTILINE)
_PIN: Final = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?==")
_MODULES: Final = "node_modules/"


def lock_file(lock: Lock, skill: Skill, manifest: bytes, choice: Choice) -> bytes:
    """Return the lock file that `lock` describes, for the rendered `manifest`."""
    if lock.kind == "npm":
        return npm_lock(skill.files[lock.source], manifest)
    names = choice.seen_by(skill)
    lists = [
        content.decode()
        for path, content in skill.files.items()
        if path.startswith(f"{lock.source}/")
        and path.endswith(".txt")
        and holds(path.removeprefix(f"{lock.source}/").removesuffix(".txt").removeprefix("all"), names)
    ]
    return pip_lock(lists)


@cache
def npm_lock(union: bytes, manifest: bytes) -> bytes:
    """Cut the lock file `union` to what `manifest` (a `package.json`) needs, as `npm ci` accepts it.

    Raises:
        InvalidValueError: the manifest needs a package that the lock file does not hold.
    """
    lock: dict[str, Any] = json.loads(union)
    package: dict[str, Any] = json.loads(manifest)
    packages: dict[str, Any] = lock["packages"]
    kept: set[str] = set()
    todo = [("", {**package.get("dependencies", {}), **package.get("devDependencies", {})}, False)]
    while todo:
        origin, wanted, optional = todo.pop()
        for name in wanted:
            place = _resolve(origin, name, packages)
            if place is None:
                if optional:
                    continue
                raise InvalidValueError(
                    f"`{name}`, which `{origin or 'package.json'}` needs, is not in the lock file of its skill.",
                    hint="renew the skill's lock file, as its SKILL.md says",
                )
            if place not in kept:
                kept.add(place)
                entry = packages[place]
                optional_peers = {
                    n for n, meta in entry.get("peerDependenciesMeta", {}).items() if meta.get("optional")
                }
                peers = {n: v for n, v in entry.get("peerDependencies", {}).items() if n not in optional_peers}
                todo.append((place, {**entry.get("dependencies", {}), **peers}, False))
                loose = entry.get("optionalDependencies", {})
                todo.append((place, {**loose, **dict.fromkeys(optional_peers, "*")}, True))
    root = {key: package[key] for key in packages[""] if key in package}
    root |= {key: package[key] for key in ("dependencies", "devDependencies") if key in package}
    head = {"name": package["name"], "version": package["version"]}
    cut = {"": root} | {place: entry for place, entry in packages.items() if place in kept}
    return (json.dumps(lock | head | {"packages": cut}, indent=2, ensure_ascii=False) + "\n").encode()


def _resolve(origin: str, name: str, packages: Mapping[str, Any]) -> str | None:
    """Return where Node finds `name` from the package at `origin`: its own `node_modules`, then each parent's."""
    folder = origin
    while True:
        place = f"{folder}/{_MODULES}{name}" if folder else f"{_MODULES}{name}"
        if place in packages:
            return place
        if not folder:
            return None
        folder = folder.rpartition(f"/{_MODULES}")[0] if f"/{_MODULES}" in folder else ""


def pip_lock(lists: Iterable[str]) -> bytes:
    """Join hashed requirement lists: sorted by name, each once.

    Where lists ask for a package under different conditions (`; python_version < ...`), it is asked for always.

    Raises:
        InvalidValueError: two lists pin different versions of one package.
    """
    found: dict[str, str] = {}
    for block in (block.strip() for text in lists for block in _REQUIREMENT.split(text)):
        pin = _PIN.match(block)
        if pin is None:
            continue
        name = pin["name"].lower()
        known = found.setdefault(name, block)
        if known == block:
            continue
        found[name] = _unconditional(block)
        if _unconditional(known) != found[name]:
            raise InvalidValueError(
                f"Two requirement lists of one skill pin `{name}` differently.",
                hint="compile the lists of a skill together, as its SKILL.md says",
            )
    return "".join(f"{found[name]}\n" for name in sorted(found)).encode()


def _unconditional(block: str) -> str:
    return re.sub(r" ; [^\\\n]*?(?= \\\n|$)", "", block, count=1)
